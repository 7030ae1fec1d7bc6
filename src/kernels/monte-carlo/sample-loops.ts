/**
 * The innermost loops: sample, evaluate, sum up or reduce. Each job of a thread gets a copy of its own, because V8 inlines the
 * user's functions into a loop only as long as that loop has seen no others; a shared loop ran at half the speed from the second job on.
 * The functions here must not use anything but their parameters: they are copied by their source text.
 */
import type { Rng } from "../../random/sample-rng.ts";

export type SampleFn = (rng: Rng, index: number) => unknown;
export type EvalFn = (sample: unknown) => unknown;
export type ReduceFn = (acc: unknown, value: unknown) => unknown;

/** What the loops need of the random numbers. */
export type SampleStreams = Rng & { begin(slot: number): void };

/** Called with what a user's function gave and mustn't give: the errors to throw. */
export interface Refusals {
  promise(from: string, index: number): Error;
  notANumber(value: unknown, index: number): Error;
}

/** A stretch of samples: the place of the first among those that the streams expect, its number, and how many there are. */
interface Run {
  readonly slot: number;
  readonly index: number;
  readonly count: number;
}

/**
 * Evaluates the samples of `run` and adds them to `sums`: of a block of values, [the value that all are reckoned from, the sum of the
 * differences from it, the sum of their squares]. The first run of a block says so, and sets them anew.
 */
export type SumLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn },
  rng: SampleStreams,
  run: Run,
  refuse: Refusals,
  sums: Float64Array,
  isFirst: boolean,
) => void;

/** Evaluates the samples of `run`, reduces them into `acc`, and returns it. */
export type ReduceLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn; readonly reduceFn: ReduceFn },
  rng: SampleStreams,
  run: Run,
  refuse: Refusals,
  acc: unknown,
) => unknown;

/** A copy of the loop that sums up the values. */
export function newSumLoop(): SumLoop {
  return copyOf(sumUp);
}

/** A copy of the loop that reduces the values. */
export function newReduceLoop(): ReduceLoop {
  return copyOf(reduce);
}

const sumUp: SumLoop = (functions, rng, run, refuse, sums, isFirst) => {
  const { sampleFn, evalFn } = functions;
  const { slot, index, count } = run;
  const first = isFirst ? 0 : -1;
  let from = sums[0]!;
  let sum = isFirst ? 0 : sums[1]!;
  let squares = isFirst ? 0 : sums[2]!;
  for (let k = 0; k < count; k++) {
    rng.begin(slot + k);
    const sample = sampleFn(rng, index + k);
    if (typeof sample === "object" && sample !== null && typeof (sample as { then?: unknown }).then === "function")
      throw refuse.promise("sampleFn", index + k);
    const value = evalFn(sample);
    if (typeof value !== "number") throw refuse.notANumber(value, index + k);
    if (k === first) from = Number.isFinite(value) ? value : 0;
    const difference = value - from;
    sum += difference;
    squares += difference * difference;
  }
  sums[0] = from;
  sums[1] = sum;
  sums[2] = squares;
};

const reduce: ReduceLoop = (functions, rng, run, refuse, initial) => {
  const { sampleFn, evalFn, reduceFn } = functions;
  const { slot, index, count } = run;
  let acc = initial;
  for (let k = 0; k < count; k++) {
    rng.begin(slot + k);
    const sample = sampleFn(rng, index + k);
    if (typeof sample === "object" && sample !== null && typeof (sample as { then?: unknown }).then === "function")
      throw refuse.promise("sampleFn", index + k);
    const value = evalFn(sample);
    if (typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function")
      throw refuse.promise("evalFn", index + k);
    acc = reduceFn(acc, value);
  }
  return acc;
};

let copies = 0;

function copyOf<Loop extends SumLoop | ReduceLoop>(loop: Loop): Loop {
  try {
    // The comment makes the text unlike any other: V8 gives equal texts the same type feedback.
    return new Function(`"use strict"; return (${loop}); // copy ${copies++}`)() as Loop;
  } catch {
    // Node was told to refuse code from strings: slower, not wrong.
    return loop;
  }
}
