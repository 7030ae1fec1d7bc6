/**
 * The innermost loops: sample, evaluate, sum up or reduce. Each job of a thread gets a copy of its own, because V8 inlines the
 * user's functions into a loop only as long as that loop has seen no others; a shared loop ran at half the speed from the second job on.
 * The functions here must not use anything but their parameters: they are copied by their source text.
 */
import { type Rng, type RngClass, rngClass, rngTools, SampleRng } from "../../random/sample-rng.ts";
import type { Streams } from "../../random/sample-streams.ts";

export type SampleFn = (rng: Rng, index: number) => unknown;
export type EvalFn = (sample: unknown) => unknown;
export type ReduceFn = (acc: unknown, value: unknown) => unknown;

/** Called with what a user's function gave and mustn't give: the errors to throw. */
export interface Refusals {
  promise(from: string, index: number): Error;
  notANumber(value: unknown, index: number): Error;
}

/** A stretch of samples: the place of the first among those that the streams expect, its number, and how many there are. */
export interface Run {
  readonly slot: number;
  readonly index: number;
  readonly count: number;
}

/**
 * Evaluates the samples of `run` and adds them to `sums`: [the value that all are reckoned from, the sum of the differences from it, the
 * sum of their squares].
 */
export type SumLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn },
  NewRng: RngClass,
  streams: Streams,
  run: Run,
  refuse: Refusals,
  sums: Float64Array,
) => void;

/** Evaluates the samples of `run`, reduces them into `acc`, and returns it. */
export type ReduceLoop = (
  functions: { readonly sampleFn: SampleFn; readonly evalFn: EvalFn; readonly reduceFn: ReduceFn },
  NewRng: RngClass,
  streams: Streams,
  run: Run,
  refuse: Refusals,
  acc: unknown,
) => unknown;

/** A loop, and the class of generators that it makes. */
interface LoopAndRng<Loop> {
  readonly loop: Loop;
  readonly NewRng: RngClass;
}

/** The loops of one job. */
export interface Loops<Loop> {
  /** For samples of which nobody knows how many draws they make, or which don't all make the same. */
  readonly any: LoopAndRng<Loop>;
  /** For samples that will hardly want more draws than were made ahead: see `rngClass`. Made on first use. */
  settled(): LoopAndRng<Loop>;
}

/** Copies of the loops that sum up the values. */
export function newSumLoops(): Loops<SumLoop> {
  return loopsOf(sumUp);
}

/** Copies of the loops that reduce the values. */
export function newReduceLoops(): Loops<ReduceLoop> {
  return loopsOf(reduce);
}

function loopsOf<Loop extends SumLoop | ReduceLoop>(loop: Loop): Loops<Loop> {
  let settled: LoopAndRng<Loop> | undefined;
  return {
    any: { loop: copyOf(loop), NewRng: SampleRng },
    settled() {
      settled ??= { loop: copyOf(loop), NewRng: copyOf(rngClass)(rngTools) };
      return settled;
    },
  };
}

const sumUp: SumLoop = (functions, NewRng, streams, run, refuse, sums) => {
  const { sampleFn, evalFn } = functions;
  const slot = run.slot | 0;
  const count = run.count | 0;
  const { index } = run;
  const rng = new NewRng(streams);
  const from = sums[0]!;
  let sum = sums[1]!;
  let squares = sums[2]!;
  for (let k = 0; k < count; k++) {
    rng.begin(slot + k);
    const sample = sampleFn(rng, index + k);
    if (typeof sample === "object" && sample !== null && typeof (sample as { then?: unknown }).then === "function")
      throw refuse.promise("sampleFn", index + k);
    const value = evalFn(sample);
    if (typeof value !== "number") throw refuse.notANumber(value, index + k);
    const difference = value - from;
    sum += difference;
    squares += difference * difference;
  }
  sums[1] = sum;
  sums[2] = squares;
};

const reduce: ReduceLoop = (functions, NewRng, streams, run, refuse, initial) => {
  const { sampleFn, evalFn, reduceFn } = functions;
  const slot = run.slot | 0;
  const count = run.count | 0;
  const { index } = run;
  const rng = new NewRng(streams);
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

function copyOf<Code extends (...args: never[]) => unknown>(code: Code): Code {
  try {
    // The comment makes the text unlike any other: V8 gives equal texts the same type feedback.
    return new Function(`"use strict"; return (${code}); // copy ${copies++}`)() as Code;
  } catch {
    // Node was told to refuse code from strings: slower, not wrong.
    return code;
  }
}
