/** Slow and plain counterparts of the prime kernel, and a runner for it without threads, wires or actors. */
import type { Kernel, RankContext, World } from "../../src/kernels/define-kernel.ts";
import type { DivisorRange, PrimeSearchResult, RangeOutcome } from "../../src/kernels/prime/prime-search.ts";
import { primeSearch } from "../../src/kernels/prime/prime-search.ts";
import type { PlacedPart } from "../../src/kernels/share.ts";

/** The smallest prime factor of every number below `limit`, by Eratosthenes. */
export function smallestFactors(limit: number): Uint32Array {
  const least = new Uint32Array(limit);
  for (let p = 2; p < limit; p++)
    if (least[p] === 0) for (let m = p; m < limit; m += p) if (least[m] === 0) least[m] = p;
  return least;
}

/** The odd divisors of n in a range, one division each. */
export function oddDivisorsByDivision(n: bigint, from: bigint, to: bigint): bigint[] {
  const found: bigint[] = [];
  for (let d = from | 1n; d <= to; d += 2n) if (n % d === 0n) found.push(d);
  return found;
}

/** Miller's test with the first 13 primes as bases: right for n below 3.3e24 (Sorenson and Webster 2015). */
export function isPrimeByMiller(n: bigint): boolean {
  const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n];
  if (n < 2n) return false;
  for (const p of bases) if (n % p === 0n) return n === p;
  let odd = n - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return bases.every((base) => {
    let x = power(base, odd, n);
    if (x === 1n || x === n - 1n) return true;
    for (let i = 1; i < twos; i++) {
      x = (x * x) % n;
      if (x === n - 1n) return true;
    }
    return false;
  });
}

/** Math.min, which bigints lack. */
export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function primeBelow(n: bigint): bigint {
  let p = n - 1n;
  while (!isPrimeByMiller(p)) p--;
  return p;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let e = exponent, b = base; e > 0n; e >>= 1n, b = (b * b) % modulus) if (e & 1n) result = (result * b) % modulus;
  return result;
}

export interface FakeRank extends RankContext {
  readonly reports: [done: number, total: number | undefined][];
  looks: number;
}

/** A rank that is told to stop at its `cancelAtLook`-th look. */
export function fakeRank(rank: number, size: number, cancelAtLook = Infinity): FakeRank {
  const fake: FakeRank = {
    rank,
    size,
    host: "here",
    comm: undefined as never, // nobody to talk to
    threads: 1,
    reports: [],
    looks: 0,
    cancelRequested: () => ++fake.looks >= cancelAtLook,
    raiseIfCancelled: () => {
      if (fake.looks + 1 >= cancelAtLook) throw new Error("cancelled");
    },
    progress: (done, total) => {
      fake.reports.push([done, total]);
    },
  };
  return fake;
}

function world(size: number): World {
  return { size, hosts: Array.from({ length: size }, () => "here") };
}

export function partsOf(n: number | bigint, size: number): PlacedPart<DivisorRange>[] {
  return [...(primeSearch.scatter({ n }, world(size)) as Iterable<PlacedPart<DivisorRange>>)];
}

/**
 * The prime search on `size` ranks, one after the other in the order `first`, first + 1, …; when a rank has found a
 * divisor, the ranks after it are never started and those before it have finished.
 */
export async function runPrimeSearch(n: number | bigint, size: number, first = 0): Promise<PrimeSearchResult> {
  const kernel: Kernel<{ n: number | bigint }, DivisorRange, RangeOutcome, PrimeSearchResult> = primeSearch;
  const input = kernel.prepare!({ n });
  const parts = partsOf(input.n, size);
  const progressByRank = new Array<number>(size).fill(0);
  async function* partials(): AsyncGenerator<RangeOutcome> {
    for (let i = 0; i < parts.length; i++) {
      const { rank, part } = parts[(i + first) % parts.length]!;
      const context = fakeRank(rank, size);
      const partial = await kernel.compute(part, context);
      progressByRank[rank] = context.reports.at(-1)?.[0] ?? 0;
      yield partial;
    }
  }
  return await kernel.reduce(partials(), input, {
    world: world(size),
    cancelRest: async () => ({ elapsedMs: 1.5, progressByRank }),
    note: () => {},
  });
}
