import fc from "fast-check";
import { PhiloxDraws } from "../../src/random/philox-draws.ts";
import { rngOfSample, SampleRng } from "../../src/random/sample-rng.ts";
import { SampleStreams } from "../../src/random/sample-streams.ts";
import { referenceDraw } from "./philox-reference.ts";

/** The first `count` values of `draw` over samples 0, 1, 2 … of a fixed seed, `perSample` of each. */
function drawn(draw: (rng: SampleRng) => number, count: number, perSample = 1): number[] {
  const streams = new SampleStreams([20261122, 0]);
  const values: number[] = [];
  for (let index = 0; values.length < count; ) {
    const ready = streams.expect(index, count);
    const rng = new SampleRng(streams);
    for (let slot = 0; slot < ready; slot++) {
      rng.begin(slot);
      for (let k = 0; k < perSample; k++) values.push(draw(rng));
    }
    index += ready;
  }
  return values.slice(0, count);
}

const source = new PhiloxDraws();

/** The stream of one sample. All share their memory: use one at a time. */
function rngOn(index: number, seed = 1): SampleRng {
  const streams = new SampleStreams([seed, 0], source);
  streams.expect(index, 1);
  const rng = new SampleRng(streams);
  rng.begin(0);
  return rng;
}

/** Pearson's statistic for values 0 to cells − 1 that should all be alike; about cells − 1, give or take √(2 · cells). */
function chiSquared(values: number[], cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[value]! += 1;
  const wanted = values.length / cells;
  return counts.reduce((sum, count) => sum + (count - wanted) ** 2 / wanted, 0);
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: number[]) => mean(values.map((v) => v * v)) - mean(values) ** 2;

describe("the stream of a sample", () => {
  test("doesn't depend on what the samples before it drew, nor on what was made ahead", () => {
    const draws = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(draws, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.maxSafeNat(), (counts, seed, somewhere) => {
        const start = Math.min(somewhere, Number.MAX_SAFE_INTEGER - 400);
        const streams = new SampleStreams([Number(seed & 0xffffffffn), Number(seed >> 32n)]);
        // Four rounds, so that the amounts made ahead grow; the last one is compared.
        for (let round = 0; round < 4; round++) {
          let index = 0;
          while (index < counts.length) {
            const ready = streams.expect(start + index, counts.length - index);
            const rng = new SampleRng(streams);
            for (let slot = 0; slot < ready; slot++) {
              rng.begin(slot);
              const count = counts[index + slot]!;
              const got = Array.from({ length: count }, () => rng.random());
              const from = Math.max(count - 4, 0);
              const wanted = got.slice(from).map((_, k) => referenceDraw(seed, start + index + slot, from + k));
              expect(got.slice(from)).toEqual(wanted);
            }
            index += ready;
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("goes on for thousands of draws", () => {
    const rng = rngOfSample(99, 5);
    const got = Array.from({ length: 5000 }, () => rng.random());
    for (const draw of [0, 1, 2, 15, 16, 17, 255, 256, 257, 511, 512, 2047, 4998, 4999])
      expect(got[draw]).toBe(referenceDraw(99n, 5, draw));
  });

  test("can be had again, alone, by its number", () => {
    const [a, b] = [rngOfSample(7n, 123), rngOfSample(7, 123)];
    expect([a.random(), a.normal(), a.integer(0, 10)]).toEqual([b.random(), b.normal(), b.integer(0, 10)]);
    // Both at the same time, and further than what is made at first.
    const turns = Array.from({ length: 300 }, () => [a.random(), b.random()]);
    for (const [x, y] of turns) expect(x).toBe(y);
    expect(() => rngOfSample(7, -1)).toThrow('"index" must be a whole number of 0 or more, got -1.');
    expect(() => rngOfSample(-7, 1)).toThrow('"seed" must be a whole number from 0');
  });
});

describe("distributions", () => {
  const COUNT = 40000;

  test("random: mean, variance, and all 64 stretches of [0, 1) alike, on streams of any length", () => {
    for (const perSample of [1, 2, 7, 100]) {
      const values = drawn((rng) => rng.random(), COUNT, perSample);
      expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.01);
      expect(Math.abs(variance(values) - 1 / 12)).toBeLessThan(0.005);
      expect(
        chiSquared(
          values.map((v) => Math.floor(v * 64)),
          64,
        ),
      ).toBeLessThan(120);
    }
  });

  test("neighbouring samples have nothing to do with each other", () => {
    const values = drawn((rng) => rng.random() - 0.5, COUNT);
    const product = mean(values.slice(1).map((v, i) => v * values[i]!));
    expect(Math.abs(product * 12)).toBeLessThan(0.03);
  });

  test("uint32 is the upper half of the draw", () => {
    const [a, b] = [rngOfSample(3, 0), rngOfSample(3, 0)];
    for (let k = 0; k < 100; k++) expect(a.uint32()).toBe(Math.floor(b.random() * 2 ** 32));
  });

  test("normal: moments, and shares within 1, 2 and 3 standard deviations", () => {
    const values = drawn((rng) => rng.normal(10, 2), COUNT).map((v) => (v - 10) / 2);
    expect(Math.abs(mean(values))).toBeLessThan(0.025);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.04);
    expect(Math.abs(mean(values.map((v) => v ** 3)))).toBeLessThan(0.08);
    expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(0.25);
    for (const [width, share] of [
      [1, 0.682689],
      [2, 0.9545],
      [3, 0.9973],
    ] as const)
      expect(Math.abs(values.filter((v) => Math.abs(v) < width).length / COUNT - share)).toBeLessThan(0.012);
  });

  test("exponential: moments, and the share below the median", () => {
    const values = drawn((rng) => rng.exponential(4), COUNT);
    expect(Math.abs(mean(values) * 4 - 1)).toBeLessThan(0.025);
    expect(Math.abs(variance(values) * 16 - 1)).toBeLessThan(0.08);
    expect(Math.abs(values.filter((v) => v < Math.LN2 / 4).length / COUNT - 0.5)).toBeLessThan(0.012);
    expect(values.every((v) => v >= 0)).toBe(true);
  });

  test("integer: each value alike, narrow and wide", () => {
    for (const width of [2, 6, 37, 64]) {
      const values = drawn((rng) => rng.integer(-3, width - 3), COUNT);
      expect(new Set(values).size).toBe(width);
      expect(
        chiSquared(
          values.map((v) => v + 3),
          width,
        ),
      ).toBeLessThan(width + 6 * Math.sqrt(2 * width) + 6);
    }
    // 3 · 2^51: taking a remainder of 53 bits without refusing any would give the lowest third twice as often.
    const thirds = drawn((rng) => Math.floor(rng.integer(0, 3 * 2 ** 51) / 2 ** 51), COUNT);
    expect(chiSquared(thirds, 3)).toBeLessThan(25);
    // A third of 2^23, wide for a 32-bit product.
    const parts = drawn((rng) => Math.floor(rng.integer(0, 3 * 2 ** 21) / 2 ** 21), COUNT);
    expect(chiSquared(parts, 3)).toBeLessThan(25);
  });

  test("integer refuses exactly the uneven rest of a 32-bit draw", () => {
    // 467296 of all 2^32 draws are refused: those whose product with the width has a lower half below that.
    const width = 1500000;
    const refusing = 2 ** 32 % width;
    let refused = 0;
    for (let index = 0; index < 20000; index++) {
      const value = rngOn(index, 11).integer(0, width);
      let draw = 0;
      let product = 0n;
      do product = BigInt(Math.floor(referenceDraw(11n, index, draw++) * 2 ** 32)) * BigInt(width);
      while (Number(product & 0xffffffffn) < refusing);
      if (draw > 1) refused += 1;
      if (value !== Number(product >> 32n)) throw new Error(`sample ${index}: ${value}`);
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("uniform and integer stay in their bounds", () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(fc.tuple(finite, finite), fc.maxSafeNat(), ([a, b], index) => {
        const [lo, hi] = [Math.min(a, b), Math.max(a, b)];
        const rng = rngOn(index);
        for (let k = 0; k < 5; k++) {
          const x = rng.uniform(lo, hi);
          expect(x >= lo && (x < hi || lo === hi)).toBe(true);
        }
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.oneof(fc.maxSafeNat(), fc.nat(100)), (from, width) => {
        const lo = Math.min(from, Number.MAX_SAFE_INTEGER - width - 1);
        fc.pre(width < Number.MAX_SAFE_INTEGER);
        const rng = rngOn(width);
        for (let k = 0; k < 5; k++) {
          const x = rng.integer(lo, lo + width + 1);
          expect(Number.isSafeInteger(x) && x >= lo && x <= lo + width).toBe(true);
        }
      }),
    );
  });

  test("uniform never gives hi, where half of all draws round to it", () => {
    const hi = 1 + 2 ** -52;
    for (const x of drawn((rng) => rng.uniform(1, hi), 200)) expect(x).toBe(1);
  });

  test("what makes no sense is refused by name", () => {
    const rng = rngOn(0);
    expect(() => rng.uniform(2, 1)).toThrow("rng.uniform");
    expect(() => rng.uniform(0, Number.POSITIVE_INFINITY)).toThrow("rng.uniform");
    expect(() => rng.normal(0, -1)).toThrow('"rng.normal\'s sd" must be a number ≥ 0, got -1.');
    expect(() => rng.integer(0, 0)).toThrow("rng.integer");
    expect(() => rng.integer(0, 2.5)).toThrow("rng.integer");
    expect(() => rng.integer(0, Number.MAX_SAFE_INTEGER)).not.toThrow();
    expect(() => rng.integer(-2, Number.MAX_SAFE_INTEGER)).toThrow("less than 2^53 apart");
    expect(() => rng.integer(-1, Number.MAX_SAFE_INTEGER)).toThrow("less than 2^53 apart");
    expect(() => rng.exponential(0)).toThrow('"rng.exponential\'s rate" must be a finite number > 0, got 0.');
  });
});
