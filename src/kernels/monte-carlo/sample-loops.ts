/**
 * The innermost loops: sample, evaluate, keep or reduce. Each job of a thread gets a copy of its own, because V8 inlines the
 * user's functions into a loop only as long as that loop has seen no others; a shared loop ran at half the speed from the second job on.
 * The functions here must not use anything but their parameters: they are copied by their source text.
 */
import type { Rng } from "../../random/sample-rng.ts";

export type SampleFn = (rng: Rng, index: number) => unknown;
export type EvalFn = (sample: unknown) => unknown;
export type ReduceFn = (acc: unknown, value: unknown) => unknown;

/** What the loops need of the random numbers. */
type SampleStreams = Rng & { begin(slot: number): void };

/** Called with what a user's function gave and mustn't give. They throw. */
export interface Refusals {
  promise(from: string, index: number): void;
  notANumber(value: unknown, index: number): void;
}

/** Evaluates `count` samples from number `index` on into `values` from `at` on. */
export type CollectLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn },
  rng: SampleStreams,
  run: { readonly slot: number; readonly index: number; readonly count: number },
  refuse: Refusals,
  values: Float64Array,
  at: number,
) => void;

/** Reduces `count` samples from number `index` on into `acc`, and returns it. */
export type ReduceLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn; readonly reduceFn: ReduceFn },
  rng: SampleStreams,
  run: { readonly slot: number; readonly index: number; readonly count: number },
  refuse: Refusals,
  acc: unknown,
) => unknown;

/** A copy of the loop that keeps the values. */
export function newCollectLoop(): CollectLoop {
  return copyOf(collect);
}

/** A copy of the loop that reduces the values. */
export function newReduceLoop(): ReduceLoop {
  return copyOf(reduce);
}

const collect: CollectLoop = (functions, rng, run, refuse, values, at) => {
  const { sampleFn, evalFn } = functions;
  const { slot, index, count } = run;
  for (let k = 0; k < count; k++) {
    rng.begin(slot + k);
    const sample = sampleFn(rng, index + k);
    if (typeof sample === "object" && sample !== null && typeof (sample as { then?: unknown }).then === "function")
      refuse.promise("sampleFn", index + k);
    const value = evalFn(sample);
    if (typeof value !== "number") refuse.notANumber(value, index + k);
    values[at + k] = value as number;
  }
};

const reduce: ReduceLoop = (functions, rng, run, refuse, initial) => {
  const { sampleFn, evalFn, reduceFn } = functions;
  const { slot, index, count } = run;
  let acc = initial;
  for (let k = 0; k < count; k++) {
    rng.begin(slot + k);
    const sample = sampleFn(rng, index + k);
    if (typeof sample === "object" && sample !== null && typeof (sample as { then?: unknown }).then === "function")
      refuse.promise("sampleFn", index + k);
    const value = evalFn(sample);
    if (typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function")
      refuse.promise("evalFn", index + k);
    acc = reduceFn(acc, value);
  }
  return acc;
};

let copies = 0;

function copyOf<Loop extends CollectLoop | ReduceLoop>(loop: Loop): Loop {
  try {
    // The comment makes the text unlike any other: V8 gives equal texts the same type feedback.
    return new Function(`"use strict"; return (${loop}); // copy ${copies++}`)() as Loop;
  } catch {
    // Node was told to refuse code from strings: slower, not wrong.
    return loop;
  }
}
