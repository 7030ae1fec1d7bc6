/** One part of a Monte Carlo job, in a compute thread: its chunks are reduced one by one, and combined to one accumulator. */
import { shown, UsageError } from "../../errors.ts";
import { type Key, PhiloxDraws } from "../../random/philox-draws.ts";
import { SampleStreams } from "../../random/sample-streams.ts";
import type { RankContext } from "../define-kernel.ts";
import type { Stretch } from "./chunks.ts";
import { blockMoments, mergeMoments, NO_MOMENTS, reckonFromFirst } from "./moments.ts";
import { OrderedFold } from "./ordered-fold.ts";
import { PartWalk } from "./part-walk.ts";
import {
  type EvalFn,
  newReduceLoops,
  newSumLoops,
  type ReduceFn,
  type Refusals,
  type Run,
  type SampleFn,
} from "./sample-loops.ts";
import { withParams } from "./with-params.ts";

/** What all parts of a job have in common. Without `reducers`, count, mean and m2 are computed. */
export interface MonteCarloJob {
  readonly sampleFn: SampleFn;
  readonly evalFn: EvalFn;
  readonly initFn?: () => unknown;
  readonly reduceFn?: ReduceFn;
  readonly combineFn?: CombineFn;
  readonly params?: unknown;
  readonly key: Key;
  readonly chunkSize: number;
  readonly cancelCheckEvery?: number;
}

export type CombineFn = (a: unknown, b: unknown) => unknown;

/** Some chunks of a job. */
export interface MonteCarloPart extends Stretch {
  readonly job: MonteCarloJob;
}

/** The accumulator of a part's 2^level chunks. */
export interface MonteCarloPartial {
  readonly acc: unknown;
  readonly level: number;
}

/** Reduces the samples from where the walk stands to `end`. */
type ReduceChunk = (walk: PartWalk, streams: SampleStreams, end: number) => unknown;

/** Values that are summed up in one go. A constant of the result: other blocks, other last bits. */
const BLOCK = 1024;

/** The loops of the jobs that this thread knows, by the object that their parts share. */
const chunkReducers = new WeakMap<MonteCarloJob, ReduceChunk>();
/** Generators that nobody uses at the moment. */
const idle: PhiloxDraws[] = [];

export function computePart({ job, first, end }: MonteCarloPart, rank: RankContext): MonteCarloPartial {
  const source = idle.pop() ?? new PhiloxDraws();
  try {
    const streams = new SampleStreams(job.key, source);
    const walk = new PartWalk({ first, end }, streams, rank, job.cancelCheckEvery);
    const fold = new OrderedFold(combinerOf(withParams(job).combineFn));
    const reduceChunk = chunkReducerOf(job);
    while (walk.index < end) fold.push(reduceChunk(walk, streams, Math.min(walk.index + job.chunkSize, end)));
    walk.finish();
    return fold.finish();
  } finally {
    idle.push(source);
  }
}

/** How two accumulators become one: the user's function, its result checked, or the merging of moments. */
export function combinerOf(combineFn: CombineFn | undefined): CombineFn {
  if (!combineFn) return mergeMoments as CombineFn;
  return (a, b) => checkedAcc("combineFn", combineFn(a, b), a);
}

function chunkReducerOf(shared: MonteCarloJob): ReduceChunk {
  const known = chunkReducers.get(shared);
  if (known) return known;
  const job = withParams(shared);
  const { initFn, reduceFn } = job;
  const made = initFn && reduceFn ? ownReducer({ ...job, initFn, reduceFn }) : momentsReducer(job);
  chunkReducers.set(shared, made);
  return made;
}

function momentsReducer(job: MonteCarloJob): ReduceChunk {
  const loops = newSumLoops();
  const sums = new Float64Array(3);
  const sumUp = (run: Run, streams: SampleStreams) => {
    const { loop, NewRng } = streams.settled ? loops.settled() : loops.any;
    loop(job, NewRng, streams, run, refusals, sums);
  };
  return (walk, streams, end) => {
    let moments = NO_MOMENTS;
    while (walk.index < end) {
      const from = walk.index;
      const blockEnd = Math.min(from + BLOCK, end);
      sums.fill(0);
      sumUp(walk.next(from + 1), streams);
      reckonFromFirst(sums);
      while (walk.index < blockEnd) sumUp(walk.next(blockEnd), streams);
      moments = mergeMoments(moments, blockMoments(blockEnd - from, sums));
    }
    return moments;
  };
}

function ownReducer(job: MonteCarloJob & { initFn: () => unknown; reduceFn: ReduceFn }): ReduceChunk {
  const loops = newReduceLoops();
  const reduce = (run: Run, streams: SampleStreams, acc: unknown) => {
    const { loop, NewRng } = streams.settled ? loops.settled() : loops.any;
    return loop(job, NewRng, streams, run, refusals, acc);
  };
  return (walk, streams, end) => {
    const initial = job.initFn();
    if (isPromise(initial)) throw asynchronous("initFn");
    let acc = initial;
    while (walk.index < end) acc = checkedAcc("reduceFn", reduce(walk.next(end), streams, acc), initial);
    return acc;
  };
}

/** An accumulator that a user's function returned, unless it forgot to return it, or is asynchronous. */
function checkedAcc(from: string, acc: unknown, before: unknown): unknown {
  if (acc === undefined && before !== undefined)
    throw new UsageError(`${from} must return the accumulator (it may change it first), got undefined.`);
  if (isPromise(acc)) throw asynchronous(from);
  return acc;
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function asynchronous(from: string, at = ""): UsageError {
  return new UsageError(`${from} must be synchronous, but it returned a promise${at}.`);
}

const refusals: Refusals = {
  promise: (from, index) => asynchronous(from, ` for sample ${index}`),
  notANumber: (value, index) =>
    isPromise(value)
      ? asynchronous("evalFn", ` for sample ${index}`)
      : new UsageError(
          `evalFn must return a number, got ${shown(value)} for sample ${index}. ` +
            "For other values pass your own initFn, reduceFn and combineFn.",
        ),
};
