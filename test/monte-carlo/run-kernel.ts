/** A job in one process: scatter, compute by make-believe ranks in some order of arrival, reduce in part order. */
import type { RankContext } from "../../src/kernels/define-kernel.ts";
import type { MonteCarloPart, MonteCarloPartial } from "../../src/kernels/monte-carlo/compute-part.ts";
import { monteCarloKernel } from "../../src/kernels/monte-carlo/monte-carlo.ts";
import type { MonteCarloInput } from "../../src/kernels/monte-carlo/options.ts";

interface HowToRun {
  ranks?: number;
  /** Puts the parts into the order in which they are computed. */
  order?: (parts: { part: MonteCarloPart; number: number }[]) => { part: MonteCarloPart; number: number }[];
  rank?: Partial<RankContext>;
}

export async function runJob<Result = unknown>(raw: MonteCarloInput, how: HowToRun = {}): Promise<Result> {
  const input = monteCarloKernel.prepare!(raw);
  const parts = partsFor(input, how.ranks ?? 1).map((part, number) => ({ part, number }));
  const partials: MonteCarloPartial[] = [];
  for (const { part, number } of how.order?.(parts) ?? parts)
    partials[number] = (await monteCarloKernel.compute(part, fakeRank(how.rank))) as MonteCarloPartial;
  const job = {
    world: worldOf(how.ranks ?? 1),
    cancelRest: () => Promise.reject(new Error("not asked for")),
    note: () => {},
  };
  return (await monteCarloKernel.reduce(inTurn(partials), input, job)) as Result;
}

export function partsFor(input: MonteCarloInput, ranks: number): MonteCarloPart[] {
  return [...(monteCarloKernel.scatter(input, worldOf(ranks)) as Iterable<MonteCarloPart>)];
}

export function fakeRank(changed: Partial<RankContext> = {}): RankContext {
  const rank = { rank: 0, size: 1, host: "here", threads: 1, progress() {}, cancelRequested: () => false };
  return { ...rank, comm: undefined as never, raiseIfCancelled() {}, ...changed };
}

function worldOf(size: number) {
  return { size, hosts: Array.from({ length: size }, () => "here") };
}

async function* inTurn<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
