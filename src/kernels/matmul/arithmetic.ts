/** What a block is computed by on this rank: plain loops, the WASM engine or a BLAS library; and how a job tells of it. */
import type { Blas } from "./blas/blas.ts";
import { blasOfThread } from "./blas/blas-of-thread.ts";
import type { BlockOptions, ProductSize } from "./block.ts";
import { hasFusedMultiplyAdd } from "./engine.ts";

/** The options of a block that it decides, and its name for people. */
export interface Arithmetic extends Pick<BlockOptions, "small" | "blas"> {
  readonly name: string;
  /** The library that was there and is not used, and why not. */
  readonly refused?: string | undefined;
}

/**
 * @param threads how many this rank may use
 * @param ranksHere how many ranks share this process
 */
export async function arithmeticFor(size: ProductSize, threads: number, ranksHere: number): Promise<Arithmetic> {
  if (size === "small") return { name: "plain loops", small: true };
  const engine = hasFusedMultiplyAdd() ? "WASM with fused multiply-add" : "WASM";
  if (size === "medium") return { name: engine, small: false };
  const { blas, refused } = await blasOfThread();
  if (!blas) return { name: engine, refused, small: false };
  blas.setThreads(threadsOfCall(blas, threads, ranksHere));
  return { name: blas.name, small: false, blas };
}

/** Where threaded calls of several ranks queue up, each gets the threads of all: as many are busy as if they ran side by side. */
function threadsOfCall({ oneThreadedCallAtATime }: Blas, threads: number, ranksHere: number): number {
  return threads > 1 && oneThreadedCallAtATime ? threads * ranksHere : threads;
}

/** What a rank tells of it. */
export function wordsFor({ name, refused }: Arithmetic): string {
  return refused === undefined ? name : `${name} (${refused})`;
}

/** By what the blocks of a job were computed: "OpenBLAS 0.3.21 (Haswell) on 3 ranks, WASM on 1 rank". */
export function sumUp(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const on = (count: number) => `on ${count} ${count === 1 ? "rank" : "ranks"}`;
  return counts.size === 1 ? names[0]! : [...counts].map(([name, count]) => `${name} ${on(count)}`).join(", ");
}
