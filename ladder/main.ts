import { init, use } from 'echarts/core';
import { CustomChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';
import type { Outcome, Picture } from '../cli/trace/picture.ts';
import { details } from './details.ts';
import { axes, MARGINS, series } from './option.ts';
import { clockScale, stepScale, type Scale } from './scale.ts';
import { Places, type Shown } from './shown.ts';

/** The page: draws the picture that is in it, and what of it the reader wants to see. */

use([CustomChart, DataZoomComponent, GridComponent, CanvasRenderer]);

/** Lanes are at least so wide; where there is no room for all of them, one scrolls. */
const NARROWEST = 90;

const FAILED: readonly Outcome[] = ['reset', 'timeout', 'abort', 'error', 'waits'];

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const picture = JSON.parse(element('picture', HTMLScriptElement).textContent) as Picture;
const chartElement = element('chart', HTMLDivElement);
const scaleChoice = element('scale', HTMLSelectElement);
const filter = element('filter', HTMLInputElement);
const onlyProblems = element('problems', HTMLInputElement);
const tip = element('tip', HTMLDivElement);
const chart = init(chartElement);
const texts = picture.bars.map(({ text, lane }) => {
  const { name = '', address = '', process = '' } = picture.lanes[lane] ?? {};
  return `${name} ${address} ${process} ${text}`.toLowerCase();
});

let scale: Scale = stepScale(picture);
let places = new Places(picture, scale, () => true);
let shown: Shown = { bars: [], arrows: [] };
let view = { from: 0, to: 0 };

function drawAll(): void {
  scale = scaleChoice.value === 'clock' ? clockScale(picture) : stepScale(picture);
  const words = filter.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const passes = (index: number): boolean => {
    const bar = picture.bars[index];
    if (bar === undefined || (onlyProblems.checked && !FAILED.includes(bar.outcome))) return false;
    return words.every((word) => texts[index]?.includes(word));
  };
  places = new Places(picture, scale, passes);
  view = { from: placeOf(0), to: placeOf(100) };
  const width = chartElement.clientWidth - MARGINS.left - MARGINS.right;
  const visible = Math.min(picture.lanes.length, Math.max(Math.floor(width / NARROWEST), 1));
  const zoomY = { yAxisIndex: 0, filterMode: 'none', start: 0, end: 100 };
  const zoomX = { xAxisIndex: 0, filterMode: 'none', startValue: 0, endValue: visible - 1 };
  chart.setOption(
    {
      ...axes(picture, scale, width / visible),
      dataZoom: [
        { ...zoomY, type: 'inside', zoomOnMouseWheel: true, moveOnMouseMove: true },
        { ...zoomY, type: 'slider', right: 4, width: 14, showDetail: false, brushSelect: false },
        ...(visible < picture.lanes.length
          ? [
              {
                ...zoomX,
                type: 'slider',
                bottom: 0,
                height: 12,
                showDetail: false,
                brushSelect: false,
                zoomLock: true,
              },
              { ...zoomX, type: 'inside', zoomOnMouseWheel: false, moveOnMouseWheel: 'shift' },
            ]
          : []),
      ],
      series: [],
    },
    { notMerge: true },
  );
  drawVisible();
}

function drawVisible(): void {
  const height = chartElement.clientHeight - MARGINS.top - MARGINS.bottom;
  shown = places.in({ ...view, height });
  chart.setOption({ series: series(picture, shown) }, { replaceMerge: ['series'] });
  chartElement.dataset.shown = String(shown.bars.length + shown.arrows.length);
}

/** The place of a percentage of the axis, which has some room at both ends. */
function placeOf(percentage: number): number {
  return (-0.02 + (percentage / 100) * 1.04) * scale.end;
}

let isPending = false;
chart.on('dataZoom', () => {
  if (isPending) return;
  isPending = true;
  requestAnimationFrame(() => {
    isPending = false;
    const [zoom] = (chart.getOption().dataZoom ?? []) as readonly { readonly start: number; readonly end: number }[];
    if (zoom === undefined) return;
    view = { from: placeOf(zoom.start), to: placeOf(zoom.end) };
    drawVisible();
  });
});

/** The call that the mouse is over: a bar, or that at the end of an arrow. */
chart.on('mousemove', ({ seriesId, dataIndex, event }) => {
  const one = seriesId === 'bars' ? shown.bars[dataIndex] : undefined;
  const arrow = seriesId === 'arrows' ? shown.arrows[dataIndex] : undefined;
  const bar = one?.bar ?? picture.bars[arrow?.arrow.bar ?? -1];
  if (bar === undefined) return;
  tip.replaceChildren(...details(bar, picture, one?.count ?? arrow?.count ?? 1));
  tip.hidden = false;
  const [x, y] = [event?.offsetX ?? 0, (event?.offsetY ?? 0) + chartElement.offsetTop];
  tip.style.left = `${Math.max(Math.min(x + 14, innerWidth - tip.offsetWidth - 8), 0)}px`;
  tip.style.top = `${Math.max(Math.min(y + 14, innerHeight - tip.offsetHeight - 8), 0)}px`;
});
chart.on('mouseout', () => (tip.hidden = true));
chart.on('globalout', () => (tip.hidden = true));

let nextProblem = 0;
function showProblem(): void {
  const problems = picture.bars.filter(({ outcome }) => FAILED.includes(outcome));
  const bar = problems[nextProblem % Math.max(problems.length, 1)];
  if (bar === undefined) return;
  nextProblem += 1;
  const middle = scale.place(bar.at + bar.worked + bar.waited) / scale.end;
  chart.dispatchAction({
    type: 'dataZoom',
    dataZoomIndex: 0,
    start: Math.max(middle - 0.05, 0) * 100,
    end: Math.min(middle + 0.05, 1) * 100,
  });
}

const failed = picture.bars.filter(({ outcome }) => FAILED.includes(outcome)).length;
document.title = picture.title;
element('title', HTMLHeadingElement).textContent = picture.title;
const sockets = picture.lanes.filter(({ isOutside }) => !isOutside).length;
element('counts', HTMLSpanElement).textContent =
  `${picture.bars.length} calls of ${sockets} sockets, ${failed} with problems`;
element('next', HTMLButtonElement).addEventListener('click', showProblem);
element('all', HTMLButtonElement).addEventListener('click', drawAll);
for (const control of [scaleChoice, filter, onlyProblems]) control.addEventListener('input', drawAll);
addEventListener('resize', () => {
  chart.resize();
  drawAll();
});
drawAll();
