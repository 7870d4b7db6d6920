import * as echarts from 'echarts';
import type { Outcome } from './measure.ts';
import { rowOf, titles } from './report.ts';
import { contenderNames, type ContenderName } from './rows.ts';

const WIDTH = 1000;
const ROW_HEIGHT = 34;
/** Around the rows: titles to the left, the legend above, the axis below. */
const MARGINS = { left: 270, right: 28, top: 44, bottom: 56 };

/** Each contender has the same colour and shape in all charts; the library's stand out. */
const marks: Readonly<Record<ContenderName, { color: string; symbol: string; size: number }>> = {
  data: { color: '#6b7280', symbol: 'rect', size: 9 },
  onread: { color: '#9ca3af', symbol: 'triangle', size: 10 },
  'for-await': { color: '#d97706', symbol: 'circle', size: 9 },
  'promise-socket': { color: '#dc2626', symbol: 'circle', size: 9 },
  'await-socket': { color: '#2563eb', symbol: 'diamond', size: 17 },
  'await-socket-plain-path': { color: '#60a5fa', symbol: 'emptydiamond', size: 13 },
  'python-blocking': { color: '#059669', symbol: 'roundRect', size: 9 },
  'python-asyncio': { color: '#10b981', symbol: 'circle', size: 9 },
  deno: { color: '#111827', symbol: 'triangle', size: 9 },
  bun: { color: '#be185d', symbol: 'triangle', size: 9 },
};

/** A chart as SVG: a line for each row, on it a mark for each contender where its ratio to the plain code is. */
export function chart(outcomes: readonly Outcome[]): string {
  const height = MARGINS.top + outcomes.length * ROW_HEIGHT + MARGINS.bottom;
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  const rowTitles = outcomes.map((outcome) => rowOf(outcome).title.replaceAll('`', ''));
  const shown = contenderNames.filter((name) => outcomes.some(({ results }) => results[name] !== undefined));
  instance.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    legend: { top: 8, itemGap: 22 },
    grid: MARGINS,
    xAxis: {
      type: 'log',
      logBase: 2,
      name: 'times the plain code (more is faster)',
      nameLocation: 'middle',
      nameGap: 30,
      axisLabel: { formatter: (ratio: number) => String(Number(ratio.toPrecision(3))) },
    },
    yAxis: { type: 'category', inverse: true, data: rowTitles, splitLine: { show: true } },
    series: shown.map((name) => ({
      name: titles[name],
      type: 'scatter',
      symbol: marks[name].symbol,
      symbolSize: marks[name].size,
      itemStyle: { color: marks[name].color },
      z: name === 'await-socket' ? 3 : 2,
      data: outcomes.flatMap((outcome, index) => {
        const ratio = outcome.results[name]?.ratio.median;
        return ratio === undefined ? [] : [[ratio, index]];
      }),
    })),
  });
  const svg = instance.renderToSVGString();
  instance.dispose();
  return `${svg}\n`;
}
