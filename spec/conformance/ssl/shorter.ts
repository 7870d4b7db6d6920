import { ENDS, type Call, type Dialogue, type EndName, type Step } from './dialogue.ts';

/** A dialogue with one part less: the part with this number, counted from the end; `undefined` where there is none. */
export function shorter(dialogue: Dialogue, number: number): Dialogue | undefined {
  return partsOf(dialogue)[number]?.();
}

/** What can be left out: the place of the cut, whole steps, calls, settings. The last step stays. */
function partsOf(dialogue: Dialogue): (() => Dialogue)[] {
  const { steps, cut } = dialogue;
  const withStep = (index: number, step: Step): Dialogue => ({ ...dialogue, steps: steps.with(index, step) });
  const places = steps.flatMap((step, index) =>
    ENDS.flatMap((end) => (step[end] ?? []).map((call, at) => ({ step, index, end, call, at }))),
  );
  return [
    ...(cut === undefined ? [] : [() => ({ steps })]),
    ...steps.slice(0, -1).map((_, index) => () => ({ ...dialogue, steps: steps.toSpliced(index, 1) })),
    ...places.map(
      ({ step, index, end, at }) =>
        () =>
          withStep(index, without(step, end, at)),
    ),
    ...places.flatMap(({ step, index, end, call, at }) =>
      settingsOf(call).map((name) => () => withStep(index, replaced(step, end, at, withoutSetting(call, name)))),
    ),
  ];
}

function without(step: Step, end: EndName, at: number): Step {
  return { ...step, [end]: (step[end] ?? []).toSpliced(at, 1) };
}

function replaced(step: Step, end: EndName, at: number, call: Call): Step {
  return { ...step, [end]: (step[end] ?? []).with(at, call) };
}

function settingsOf([, settings]: Call): string[] {
  return isRecord(settings) ? Object.keys(settings) : [];
}

function withoutSetting([name, settings]: Call, left: string): Call {
  return [name, isRecord(settings) ? Object.fromEntries(Object.entries(settings).filter(([key]) => key !== left)) : {}];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
