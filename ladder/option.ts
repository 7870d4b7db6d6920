import type { CustomSeriesOption, CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Arrow, Bar, Lane, Outcome, Picture } from '../cli/trace/picture.ts';
import type { Scale } from './scale.ts';
import type { Shown, ShownArrow, ShownBar } from './shown.ts';

export const MARGINS = { left: 76, right: 30, top: 88, bottom: 12 };

const TEXT = '#374151';
const FONT = '11px system-ui, sans-serif';

/** A bar's colour, by its column: receiving, the others, sending. */
const COLOURS = { '-1': '#2563eb', 0: '#64748b', 1: '#059669' } as const;

/** What a call's end is marked with; those that are as usual have none. */
const MARKS: Readonly<Partial<Record<Outcome, { readonly text: string; readonly colour: string }>>> = {
  end: { text: 'end', colour: '#475569' },
  reset: { text: 'reset', colour: '#dc2626' },
  timeout: { text: 'time-out', colour: '#d97706' },
  abort: { text: 'aborted', colour: '#9333ea' },
  error: { text: 'error', colour: '#be123c' },
  waits: { text: 'still waits', colour: '#d97706' },
};

/** How an arrow is drawn, by what it stands for. */
const LINES: Readonly<Record<Arrow['kind'], { readonly colour: string; readonly dash: number[] | undefined }>> = {
  data: { colour: '#334155', dash: undefined },
  connect: { colour: '#94a3b8', dash: [5, 3] },
  end: { colour: '#64748b', dash: [2, 3] },
  reset: { colour: '#dc2626', dash: undefined },
};

/** What belongs to one lane: so many bars are drawn with their names. */
const NAMED = 150;

/** Arrows are named where they are longer than this, in pixels; their calls say how many bytes they have, too. */
const ROOM_FOR_TEXT = 130;

/** The axes of a picture. */
export function axes({ lanes }: Picture, scale: Scale, laneWidth: number): EChartsCoreOption {
  const label = (index: number): string => {
    const lane = lanes[index];
    return lane === undefined ? '' : headOf(lane);
  };
  return {
    animation: false,
    grid: MARGINS,
    xAxis: {
      type: 'category',
      position: 'top',
      data: lanes.map((_, index) => index),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        interval: 0,
        lineHeight: 15,
        color: TEXT,
        width: laneWidth - 6,
        overflow: 'truncate',
        formatter: (value: string) => label(Number(value)),
        rich: {
          name: { fontSize: 14, fontWeight: 'bold', color: '#111827', lineHeight: 18 },
          address: { fontSize: 11, color: TEXT },
        },
      },
    },
    yAxis: {
      type: 'value',
      inverse: true,
      // Room for the marks at both ends.
      min: -0.02 * scale.end,
      max: 1.02 * scale.end,
      axisLabel: {
        color: TEXT,
        fontSize: 11,
        formatter: (place: number) => (place < 0 || place > scale.end ? '' : timeText(scale.time(place))),
      },
      splitLine: { lineStyle: { color: '#eef2f7' } },
    },
  };
}

function headOf({ name, address, process, isOutside }: Lane): string {
  const places = address.split(' → ').map((place) => `{address|${unmarked(place)}}`);
  const title = [`{name|${isOutside ? 'not traced' : unmarked(name)}}`, ...(isOutside ? [] : [unmarked(process)])];
  return [...title, ...places].join('\n');
}

/** Text in which ECharts finds no marks of its own. */
function unmarked(text: string): string {
  return text.replaceAll(/[{}|]/g, '·');
}

/** A time since the beginning. */
export function timeText(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(0)} µs`;
  if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

/** What is drawn between the axes: lanes, arrows, and bars above them. */
export function series(picture: Picture, shown: Shown): CustomSeriesOption[] {
  const isNamed = shown.bars.length <= NAMED;
  return [
    {
      ...of('lanes'),
      silent: true,
      data: picture.lanes.map((_, index) => [index, 0]),
      renderItem: (_, api) => drawLane(picture, api),
    },
    {
      ...of('arrows'),
      data: shown.arrows.map(({ arrow, begin }) => [arrow.from, begin]),
      renderItem: ({ dataIndex }, api) => drawn(shown.arrows[dataIndex], (one) => drawArrow(one, api, isNamed)),
    },
    {
      ...of('bars'),
      data: shown.bars.map(({ bar, begin }) => [bar.lane, begin]),
      renderItem: ({ dataIndex }, api) => drawn(shown.bars[dataIndex], (one) => drawBar(one, api, isNamed)),
    },
  ];
}

function of(id: string): CustomSeriesOption {
  return { type: 'custom', id, name: id, clip: true, progressive: 0, animation: false };
}

function drawn<T>(one: T | undefined, draw: (one: T) => CustomSeriesRenderItemReturn): CustomSeriesRenderItemReturn {
  return one === undefined ? null : draw(one);
}

/** The point of a lane and a place, and the width of a bar there. */
function pointOf(api: CustomSeriesRenderItemAPI, lane: number, place: number): [x: number, y: number, width: number] {
  const [x = 0, y = 0] = api.coord([lane, place]);
  const size = api.size?.([1, 1]);
  const band = Array.isArray(size) ? (size[0] ?? 0) : (size ?? 0);
  return [x, y, Math.max(Math.min(band * 0.12, 12), 3)];
}

function drawLane({ lanes }: Picture, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
  const lane = Number(api.value(0));
  const [x] = pointOf(api, lane, 0);
  const isOutside = lanes[lane]?.isOutside === true;
  return {
    type: 'line',
    shape: { x1: x, y1: MARGINS.top, x2: x, y2: 100_000 },
    style: { stroke: isOutside ? '#cbd5e1' : '#94a3b8', lineWidth: 1, ...(isOutside && { lineDash: [4, 4] }) },
  };
}

function drawBar(one: ShownBar, api: CustomSeriesRenderItemAPI, isNamed: boolean): CustomSeriesRenderItemReturn {
  const { bar, begin, work, end, count } = one;
  const [x, top, width] = pointOf(api, bar.lane, begin);
  const [, middle] = pointOf(api, bar.lane, work);
  const [, bottom] = pointOf(api, bar.lane, end);
  const left = x - width / 2 + bar.column * (width + 1);
  const colour = COLOURS[bar.column];
  const mark = MARKS[bar.outcome];
  const rect = (y: number, height: number, style: object): object => ({
    type: 'rect',
    shape: { x: left, y, width, height },
    style,
  });
  const waiting = bar.waited > 0 ? [rect(middle, Math.max(bottom - middle, 1), waitStyle(mark?.colour ?? colour))] : [];
  const working = rect(top, Math.max(middle - top, 2), { fill: colour });
  const name = isNamed ? [label(nameOf(bar, count), bar, left, top, width)] : [];
  const marks =
    mark === undefined ? [] : [drawMark(mark, left + width / 2, bottom, isNamed ? markSide(bar) : undefined)];
  return { type: 'group', children: [...waiting, working, ...name, ...marks] } as CustomSeriesRenderItemReturn;
}

/** Waiting is pale, in a frame of its colour. */
function waitStyle(colour: string): object {
  return { fill: `${colour}26`, stroke: colour, lineWidth: 1 };
}

function nameOf({ call, bytes }: Bar, count: number): string {
  if (count > 1) return `${count} calls`;
  return bytes > 0 ? `${call} ${bytes}` : call;
}

/** Names stand outside: those of receiving calls to the left, all others to the right. */
function label(text: string, bar: Bar, left: number, top: number, width: number): object {
  const isLeft = bar.column === -1;
  return {
    type: 'text',
    style: {
      text,
      font: FONT,
      fill: COLOURS[bar.column],
      align: isLeft ? 'right' : 'left',
      verticalAlign: 'middle',
      x: isLeft ? left - 4 : left + width + 4,
      y: top + 3,
      stroke: '#ffffff',
      lineWidth: 3,
    },
  };
}

function markSide({ column }: Bar): 'left' | 'right' {
  return column === -1 ? 'left' : 'right';
}

/** A diamond where a call did not end as usual, with a word beside it. */
function drawMark(
  { text, colour }: { readonly text: string; readonly colour: string },
  x: number,
  y: number,
  side: 'left' | 'right' | undefined,
): object {
  const points = [
    [x, y - 6],
    [x + 6, y],
    [x, y + 6],
    [x - 6, y],
  ];
  const diamond = {
    type: 'polygon',
    shape: { points },
    style: { fill: colour, stroke: '#ffffff', lineWidth: 1 },
    z2: 5,
  };
  if (side === undefined) return diamond;
  const align = side === 'left' ? 'right' : 'left';
  const style = {
    text,
    font: `bold ${FONT}`,
    fill: colour,
    align,
    verticalAlign: 'middle',
    stroke: '#fff',
    lineWidth: 3,
  };
  return {
    type: 'group',
    children: [diamond, { type: 'text', style: { ...style, x: x + (side === 'left' ? -9 : 9), y } }],
  };
}

function drawArrow(one: ShownArrow, api: CustomSeriesRenderItemAPI, isNamed: boolean): CustomSeriesRenderItemReturn {
  const { arrow, begin, end, bytes, count } = one;
  const [fromX, y1, width] = pointOf(api, arrow.from, begin);
  const [toX, y2] = pointOf(api, arrow.to, end);
  const side = Math.sign(toX - fromX) || 1;
  const [x1, x2] = [fromX + side * width * 1.6, toX - side * width * 1.6];
  const { colour, dash } = LINES[arrow.kind];
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const back = (turn: number): [number, number] => [x2 - 8 * Math.cos(angle + turn), y2 - 8 * Math.sin(angle + turn)];
  const text = arrowText(arrow.kind, bytes, count);
  const name = {
    type: 'text',
    x: x1 + 0.6 * (x2 - x1),
    y: y1 + 0.6 * (y2 - y1) - 8,
    style: { text, font: FONT, fill: colour, align: 'center', verticalAlign: 'middle', stroke: '#fff', lineWidth: 3 },
  };
  const line = {
    stroke: colour,
    lineWidth: arrow.kind === 'reset' ? 2 : 1.2,
    ...(dash !== undefined && { lineDash: dash }),
  };
  return {
    type: 'group',
    children: [
      { type: 'line', shape: { x1, y1, x2, y2 }, style: line },
      { type: 'polygon', shape: { points: [[x2, y2], back(0.4), back(-0.4)] }, style: { fill: colour } },
      ...(isNamed && Math.abs(x2 - x1) > ROOM_FOR_TEXT ? [name] : []),
    ],
  } as CustomSeriesRenderItemReturn;
}

function arrowText(kind: Arrow['kind'], bytes: number, count: number): string {
  if (kind === 'end') return 'end of output';
  if (kind !== 'data') return kind;
  const size = bytes < 10_000 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : `${(bytes / 1000).toFixed(0)} kB`;
  return count === 1 ? size : `${count} × ${size}`;
}
