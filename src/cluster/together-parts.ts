/** The parts of a job whose ranks talk to each other: one for each rank, all at once. */
import { UsageError } from "../errors.ts";
import { forRank } from "../kernels/share.ts";

/** The first is rank 0's, and so on. @throws UsageError when there are more or fewer than ranks */
export async function* onePerRank(
  kernel: string,
  parts: Iterable<unknown> | AsyncIterable<unknown>,
  size: number,
): AsyncGenerator<unknown> {
  let rank = 0;
  for await (const part of parts) {
    if (rank === size) throw wrongCount(kernel, size, "more");
    yield forRank(rank++, part);
  }
  if (rank < size) throw wrongCount(kernel, size, `${rank}`);
}

function wrongCount(kernel: string, size: number, got: string): UsageError {
  return new UsageError(
    `kernel "${kernel}" computes together, so scatter must yield one part per rank, ${size} in all; it yielded ${got}.`,
  );
}

/** Hosts by their name, numbered in the order of their first rank. */
export function hostNumbers(hosts: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  for (const name of hosts) if (!numbers.has(name)) numbers.set(name, numbers.size);
  return hosts.map((name) => numbers.get(name)!);
}
