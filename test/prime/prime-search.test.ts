import fc from "fast-check";
import { UsageError } from "../../src/errors.ts";
import { primeSearch } from "../../src/kernels/prime/prime-search.ts";
import { fakeRank, isPrimeByMiller, lesser, partsOf, primeBelow, runPrimeSearch, smallestFactors } from "./support.ts";

/** Largest primes below 2^k are 2^k − a(k): OEIS A013603. */
const belowPowerOf2: [k: bigint, a: bigint][] = [
  [8n, 5n],
  [16n, 15n],
  [30n, 35n],
  [31n, 1n],
  [32n, 5n],
  [33n, 9n],
  [40n, 87n],
  [48n, 59n],
  [52n, 47n],
  [53n, 111n],
  [54n, 33n],
];
/** The smallest odd numbers that pass Miller's test for the first k prime bases: OEIS A014233. */
const strongPseudoprimes: [n: bigint, least: bigint][] = [
  [2047n, 23n],
  [1373653n, 829n],
  [25326001n, 2251n],
  [3215031751n, 151n],
  [2152302898747n, 6763n],
  [3474749660383n, 1303n],
  [341550071728321n, 10670053n],
  [3825123056546413051n, 149491n],
];
/** Strong pseudoprimes to base 2: OEIS A001262. */
const base2 = [
  2047n,
  3277n,
  4033n,
  4681n,
  8321n,
  15841n,
  29341n,
  42799n,
  49141n,
  52633n,
  65281n,
  74665n,
  80581n,
  85489n,
  88357n,
  90751n,
];
/** Carmichael numbers: OEIS A002997. */
const carmichael = [
  561n,
  1105n,
  1729n,
  2465n,
  2821n,
  6601n,
  8911n,
  10585n,
  15841n,
  29341n,
  41041n,
  46657n,
  52633n,
  62745n,
  63973n,
  75361n,
];

describe("the prime search agrees", () => {
  test("with the sieve of Eratosthenes for every n below 20000", async () => {
    const least = smallestFactors(20_000);
    for (let n = 2; n < 20_000; n++) {
      const { prime, divisor } = await runPrimeSearch(n, 1);
      const factor = least[n] === n ? undefined : BigInt(least[n]!);
      if (prime !== (factor === undefined) || divisor !== factor) throw new Error(`${n}: ${prime}, ${divisor}`);
    }
  });

  test.each(belowPowerOf2)("with A013603: 2^%p − %p is the largest prime below", async (k, a) => {
    const p = 2n ** k - a;
    expect(await runPrimeSearch(p, 3)).toMatchObject({ n: p, prime: true, divisor: undefined, othersWentOnMs: 0 });
    for (let n = p + 1n; n < 2n ** k; n++) {
      const { prime, divisor } = await runPrimeSearch(n, 3, 2);
      expect([prime, n % divisor!]).toEqual([false, 0n]);
    }
  });

  test.each([
    [2n ** 63n, 25n],
    [2n ** 64n, 59n],
  ])("with A013603 at %p: minus %p is a prime, and all odd divisors up to its root were tested", async (power, a) => {
    const { prime, tested } = await runPrimeSearch(power - a, 4);
    expect([prime, tested]).toEqual([true, Math.floor((Math.floor(Math.sqrt(Number(power))) - 1) / 2)]);
  });

  test.each(strongPseudoprimes)("with A014233: %p is composite, by %p", async (n, least) => {
    expect(await runPrimeSearch(n, 1)).toMatchObject({ prime: false, divisor: least });
  });

  test("with A001262 and A002997: pseudoprimes and Carmichael numbers are composite", async () => {
    for (const n of [...base2, ...carmichael])
      for (const size of [1, 4]) {
        const { prime, divisor } = await runPrimeSearch(n, size);
        expect([prime, n % divisor!, divisor! > 1n && divisor! < n]).toEqual([false, 0n, true]);
      }
  });

  test("with Miller's test around 2^31, 2^32 and 2^53", async () => {
    for (const middle of [2n ** 31n, 2n ** 32n, 2n ** 53n])
      for (let n = middle - 40n; n <= middle + 40n; n++)
        expect((await runPrimeSearch(n, 2)).prime).toBe(isPrimeByMiller(n));
  });

  test("on any number of ranks, whichever comes first", async () => {
    const prime = fc.bigInt(2n ** 10n, 2n ** 23n).map(primeBelow);
    await fc.assert(
      fc.asyncProperty(prime, prime, fc.integer({ min: 1, max: 7 }), fc.nat(6), async (p, q, size, first) => {
        const { prime, divisor } = await runPrimeSearch(p * q, size, first);
        expect([prime, divisor]).toEqual([false, lesser(p, q)]);
        expect(await runPrimeSearch(p, size, first)).toMatchObject({ prime: true, divisor: undefined });
      }),
      { numRuns: 60 },
    );
  });

  test("on squares of primes and on semiprimes with both factors near √n", async () => {
    for (const bits of [16n, 26n, 31n, 32n]) {
      const p = primeBelow(2n ** bits);
      const q = primeBelow(p);
      expect(await runPrimeSearch(p * p, 3, 2)).toMatchObject({ prime: false, divisor: p });
      expect(await runPrimeSearch(p * q, 3, 2)).toMatchObject({ prime: false, divisor: q });
    }
  });
});

describe("the prime search", () => {
  test("says that 2 is prime, even numbers are divided by 2, and 1, 0 and negative numbers are not prime", async () => {
    expect(await runPrimeSearch(2, 4)).toMatchObject({ prime: true, divisor: undefined });
    expect(await runPrimeSearch(2n ** 300n, 4)).toMatchObject({ prime: false, divisor: 2n, tested: 0 });
    for (const n of [1, 0, -0, -1, -7, -(2n ** 80n)])
      expect(await runPrimeSearch(n, 4)).toMatchObject({ n: BigInt(n), prime: false, divisor: undefined });
  });

  test.each([1.5, Number.NaN, Infinity, 2 ** 53, "7", null, undefined, {}])("refuses n = %p", (n) => {
    expect(() => primeSearch.prepare!({ n } as { n: number })).toThrow(UsageError);
    expect(() => primeSearch.prepare!({ n } as { n: number })).toThrow(/^"n" must be /);
  });

  test("refuses an input that is no object", () => {
    expect(() => primeSearch.prepare!(7 as unknown as { n: number })).toThrow(/an object \{ n \}, got 7/);
  });

  test("gives each rank one contiguous range, and all of them cover the odd numbers from 3 to √n", () => {
    for (const n of [2n ** 44n - 1n, 10n ** 18n + 9n, 3n * 2n ** 200n + 1n])
      for (let size = 1; size <= 7; size++) {
        const parts = partsOf(n, size);
        expect(parts.map(({ rank }) => rank)).toEqual(parts.map((_, i) => i));
        expect(parts[0]!.part.from).toBe(3n);
        parts.slice(1).forEach(({ part }, i) => {
          expect(part.from).toBe(parts[i]!.part.to + 2n);
        });
        const last = parts.at(-1)!.part.to;
        expect(last * last <= n && (last + 2n) * (last + 2n) > n).toBe(true);
      }
    expect(partsOf(2n ** 61n - 1n, 7)).toHaveLength(7);
  });

  test("gives a small n to fewer ranks, and any n at least one part", () => {
    for (const n of [-5, 0, 1, 2, 3, 4, 7, 9, 1e6 + 3]) expect(partsOf(n, 4)).toHaveLength(1);
    expect(partsOf(2n ** 40n - 87n, 4)).toHaveLength(2);
  });

  test("stops at the next look when it is told to, with what it had done", async () => {
    const { part } = partsOf(2n ** 107n - 1n, 4)[1]!;
    const rank = fakeRank(1, 4, 3);
    const { divisor, tested } = await primeSearch.compute(part, rank);
    expect([divisor, rank.looks]).toEqual([undefined, 3]);
    expect(rank.reports.at(-1)).toEqual([tested, Number((part.to - part.from) / 2n + 1n)]);
    expect(tested).toBeGreaterThan(0);
    expect(tested / rank.reports[0]![1]!).toBeLessThan(0.05);
  });

  test("starts at once on a range that can't be walked, and its counts stay finite", async () => {
    const parts = partsOf(2n ** 400n * 3n ** 5n + 1n, 4);
    const rank = fakeRank(3, 4, 2);
    await primeSearch.compute(parts[3]!.part, rank);
    for (const [done, total] of rank.reports) expect(done < total! && Number.isFinite(total)).toBe(true);
  });

  test("ends the job on the first divisor and adds up what all ranks had tested by then", async () => {
    const reasons: string[] = [];
    async function* partials() {
      yield { divisor: undefined, tested: 5 };
      yield { divisor: 11n, tested: 3 };
      throw new Error("looked beyond the first divisor");
    }
    const result = await primeSearch.reduce(
      partials(),
      { n: 121 },
      {
        world: { size: 3, hosts: ["a", "a", "b"] },
        cancelRest: async (reason) => {
          reasons.push(reason);
          return { elapsedMs: 0.25, progressByRank: [5, 3, 40] };
        },
        note: () => {},
      },
    );
    expect(reasons).toEqual(["divisor found"]);
    expect(result).toEqual({ n: 121n, prime: false, divisor: 11n, tested: 48, othersWentOnMs: 0.25 });
  });
});
