/**
 * The Monte Carlo kernel: n samples, each with random numbers of its own, evaluated and reduced. The same seed gives bitwise the
 * same result on any number of ranks. This file is the table of contents; see docs/monte-carlo.md for the promises.
 */
import { seedKey } from "../../random/seed.ts";
import { defineKernel } from "../define-kernel.ts";
import { share } from "../share.ts";
import { chunkSize, partsOf } from "./chunks.ts";
import {
  type CombineFn,
  combinerOf,
  computePart,
  type MonteCarloJob,
  type MonteCarloPart,
  type MonteCarloPartial,
} from "./compute-part.ts";
import { type Moments, momentsResult } from "./moments.ts";
import { type MonteCarloInput, prepareInput } from "./options.ts";
import { OrderedFold } from "./ordered-fold.ts";
import { withParams } from "./with-params.ts";

/** See `MonteCarloInput`. Result: that of `finalizeFn`; without it the accumulator, or `MonteCarloResult` with the default reducers. */
export const monteCarloKernel = defineKernel<MonteCarloInput, MonteCarloPart, MonteCarloPartial, unknown>({
  name: "monteCarlo",
  module: import.meta.url,
  prepare: prepareInput,
  /** All at once, since they are few and small: so it is known from the start how many there are. */
  scatter(input, world) {
    const job = share(jobOf(input));
    return Array.from(partsOf(input.n, world.size), (stretch) => ({ job, ...stretch }));
  },
  compute: computePart,
  async reduce(partials, input) {
    const fold = new OrderedFold(combinerOf(withParams(input).combineFn as CombineFn | undefined));
    for await (const { acc, level } of partials) fold.push(acc, level);
    return finalized(fold.finish().acc, input);
  },
});

/** What travels to the ranks: neither `finalizeFn` nor any key that isn't set. */
function jobOf(input: MonteCarloInput): MonteCarloJob {
  const { sampleFn, evalFn, initFn, reduceFn, combineFn, params, cancelCheckEvery } = input;
  const job = { sampleFn, evalFn, initFn, reduceFn, combineFn, params, cancelCheckEvery };
  const given = Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined));
  return { ...(given as unknown as MonteCarloJob), key: seedKey(input.seed), chunkSize: chunkSize(input.n) };
}

function finalized(acc: unknown, { finalizeFn, combineFn, n }: MonteCarloInput): unknown {
  if (finalizeFn) return (finalizeFn as (acc: unknown, n: number) => unknown)(acc, n);
  return combineFn ? acc : momentsResult(acc as Moments);
}
