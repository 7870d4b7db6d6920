import * as echarts from 'echarts';
import { titles } from './report.ts';
import { contenderNames, type ContenderName } from './rows.ts';

/** A line of a chart: the ratio of each contender to the plain code. */
export interface ChartRow {
  readonly title: string;
  readonly ratios: Readonly<Partial<Record<ContenderName, number>>>;
}

const WIDTH = 780;
const FONT_SIZE = 13;
const TEXT = { fontSize: FONT_SIZE, color: '#374151' };
/** The longest line of a title; longer titles take two lines. */
const TITLE_LENGTH = 26;
const ROW_HEIGHT = 40;
const LEGEND = { columns: 3, rowHeight: 24, columnWidth: 245 };
/** The margins around the lines: titles to the left, the legend above, the axis below. */
const MARGINS = { left: 230, right: 24, top: 20, bottom: 56 };

/** A contender's mark. Each has a shape of its own, too: a reader may not tell all colours apart. */
export const marks: Readonly<Record<ContenderName, { color: string; symbol: string; size: number }>> = {
  data: { color: '#6b7280', symbol: 'emptyRect', size: 10 },
  onread: { color: '#111827', symbol: 'triangle', size: 11 },
  'for-await': { color: '#e69f00', symbol: 'circle', size: 11 },
  'promise-socket': { color: '#d55e00', symbol: 'rect', size: 10 },
  'await-socket': { color: '#0050b2', symbol: 'diamond', size: 18 },
  'await-socket-documented-path': { color: '#56b4e9', symbol: 'emptyDiamond', size: 14 },
  'python-blocking': { color: '#009e73', symbol: 'emptyTriangle', size: 11 },
  'python-asyncio': { color: '#cc79a7', symbol: 'emptyCircle', size: 10 },
  deno: { color: '#78350f', symbol: 'pin', size: 16 },
  bun: { color: '#882255', symbol: 'arrow', size: 12 },
};

/** A chart as SVG: a line for each row, and on it each contender's mark at its ratio to the plain code. */
export function chart(rows: readonly ChartRow[]): string {
  const shown = contenderNames.filter((name) => rows.some(({ ratios }) => ratios[name] !== undefined));
  const legendRows = Math.ceil(shown.length / LEGEND.columns);
  const top = MARGINS.top + legendRows * LEGEND.rowHeight;
  const height = top + rows.length * ROW_HEIGHT + MARGINS.bottom;
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  instance.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: TEXT,
    legend: shown.map(legend),
    grid: { ...MARGINS, top },
    xAxis: {
      type: 'log',
      logBase: 2,
      name: 'times the plain code (more is faster)',
      nameLocation: 'middle',
      nameGap: 32,
      nameTextStyle: TEXT,
      axisLabel: { ...TEXT, formatter: (ratio: number) => String(Number(ratio.toPrecision(3))) },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(({ title }) => inLines(title)),
      axisLabel: { ...TEXT, lineHeight: FONT_SIZE + 3, interval: 0 },
      splitLine: { show: true },
    },
    series: shown.map((name) => ({
      name: titles[name],
      type: 'scatter',
      symbol: marks[name].symbol,
      symbolSize: marks[name].size,
      itemStyle: { color: marks[name].color, opacity: 0.9 },
      z: name === 'await-socket' ? 3 : 2,
      data: rows.flatMap(({ ratios }, index) => {
        const ratio = ratios[name];
        return ratio === undefined ? [] : [[ratio, index]];
      }),
    })),
  });
  const svg = instance.renderToSVGString();
  instance.dispose();
  return `${svg}\n`;
}

/**
 * One name of the legend. Each is a legend of its own in a column of fixed width: ECharts would place them by the width
 * of the text, which in some fonts is wider than it assumes.
 */
function legend(name: ContenderName, index: number): object {
  return {
    data: [titles[name]],
    left: 10 + (index % LEGEND.columns) * LEGEND.columnWidth,
    top: 4 + Math.floor(index / LEGEND.columns) * LEGEND.rowHeight,
    itemWidth: 14,
    itemHeight: 14,
    textStyle: { ...TEXT, lineHeight: 14 },
  };
}

/** A title without Markdown, in lines that fit beside the chart. */
function inLines(title: string): string {
  const lines: string[] = [];
  for (const word of title.replaceAll('`', '').split(' ')) {
    const longer = [...lines.slice(-1), word].join(' ');
    if (lines.length > 0 && longer.length <= TITLE_LENGTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}
