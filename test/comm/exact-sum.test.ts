import fc from "fast-check";
import { ExactSum } from "../../src/comm/exact-sum.ts";
import { cutPacked, joinPacked, packedFrom, packedViews, SumsPacker } from "../../src/comm/packed-sums.ts";

/** A double as a whole multiple of 2^−1074. */
function units(x: number): bigint {
  const [bits] = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer);
  const exponent = bits! >> 52n;
  const mantissa = (bits! & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n);
  const whole = mantissa << (exponent === 0n ? 0n : exponent - 1n);
  return x < 0 ? -whole : whole;
}

/** The multiple of 2^−1074 rounded to `digits` binary digits, but no finer than 2^`finest`: half to even, in whole numbers. */
function rounded(sum: bigint, digits: number, finest: number): number {
  const size = sum < 0n ? -sum : sum;
  const drop = BigInt(Math.max(size.toString(2).length - digits, finest + 1074, 0));
  const half = drop === 0n ? 0n : 1n << (drop - 1n);
  let kept = size >> drop;
  const rest = size - (kept << drop);
  if (drop > 0n && (rest > half || (rest === half && kept % 2n === 1n))) kept += 1n;
  const exponent = Number(drop) - 1074;
  const value = Number(kept) * 2 ** Math.max(exponent, -1000) * 2 ** Math.min(0, exponent + 1000);
  return sum < 0n ? -value : value;
}

const close = fc
  .tuple(fc.integer({ min: -(2 ** 53), max: 2 ** 53 }), fc.integer({ min: -60, max: 60 }))
  .map(([m, e]) => m * 2 ** e);
const subnormal = fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map((m) => m * 2 ** -1074);
const any = fc.double({ noNaN: true, noDefaultInfinity: true });
/** A term and, often, its negative somewhere else: sums in which nearly all cancels. */
const terms = fc
  .array(fc.tuple(fc.oneof(close, subnormal, any), fc.boolean()), { maxLength: 12 })
  .map((list) => [...list.map(([x]) => x), ...list.filter(([, back]) => back).map(([x]) => -x)]);

function sumOf(list: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const term of list) sum.add(term);
  return sum;
}

describe("an exact sum", () => {
  test("is the sum in whole numbers, rounded once, to doubles and to singles", () => {
    fc.assert(
      fc.property(terms, (list) => {
        const due = list.reduce((sum, term) => sum + units(term), 0n);
        if (due === 0n) return;
        const sum = sumOf(list);
        const single = rounded(due, 24, -149);
        expect(sum.toDouble()).toBe(rounded(due, 53, -1074));
        expect(sum.toSingle()).toBe(
          Math.abs(single) > 3.4028234663852886e38 ? single * Number.POSITIVE_INFINITY : single,
        );
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    [[1, 2 ** -53], 1],
    [[1, 2 ** -53, 5e-324], 1 + 2 ** -52],
    [[1 + 2 ** -52, 2 ** -53], 1 + 2 ** -51],
    [[1, -(2 ** -54), -5e-324], 1 - 2 ** -53],
    [[1, -(2 ** -54)], 1],
    [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE], Number.MAX_VALUE],
    [[Number.MAX_VALUE, 2 ** 970], Number.POSITIVE_INFINITY],
    [[Number.MAX_VALUE, 2 ** 969], Number.MAX_VALUE],
    [[5e-324, 5e-324], 1e-323],
    [[-0, -0], -0],
    [[-0, 0], 0],
    [[1, -1], 0],
    [[], -0],
    [[Number.POSITIVE_INFINITY, 1], Number.POSITIVE_INFINITY],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN],
    [[Number.NaN, 1], Number.NaN],
  ])("of %p is %p", (list, due) => {
    expect(sumOf(list).toDouble()).toBe(due);
    expect(sumOf([...list].reverse()).toDouble()).toBe(due);
  });

  test("of 32-bit floats does not round twice", () => {
    // As a double this is 1 + 2^−24 exactly, which would go to 1.
    expect(sumOf([1, 2 ** -24, 2 ** -90]).toSingle()).toBe(1 + 2 ** -23);
    expect(sumOf([1, 2 ** -24, -(2 ** -90)]).toSingle()).toBe(1);
    expect(sumOf([2 ** 127, 2 ** 127]).toSingle()).toBe(Number.POSITIVE_INFINITY);
  });

  test("survives a million terms and is good again after clear", () => {
    const sum = new ExactSum();
    for (let i = 0; i < 1_100_000; i++) sum.add(-1.7976931348623157e308);
    for (let i = 0; i < 1_100_000; i++) sum.add(1.7976931348623157e308);
    sum.add(3);
    expect(sum.toDouble()).toBe(3);
    sum.clear();
    sum.add(2 ** -1074);
    expect(sum.toDouble()).toBe(5e-324);
  });
});

describe("packed sums", () => {
  test("give the same sums again, whole, cut and joined, and merged in any grouping", () => {
    fc.assert(
      fc.property(fc.array(terms, { minLength: 1, maxLength: 6 }), fc.nat(), (lists, cut) => {
        const packer = new SumsPacker(lists.length);
        for (const list of lists) packer.push(sumOf(list));
        const at = cut % lists.length;
        const whole = packer.finish();
        const joined = joinPacked([cutPacked(whole, 0, at), cutPacked(whole, at, lists.length)]);
        const { table, digits } = packedFrom(...packedViews(joined));
        expect([[...table], [...digits]]).toEqual([[...whole.table], [...whole.digits]]);
        const total = new ExactSum();
        let next = 0;
        for (let i = 0; i < lists.length; i++) {
          total.load(table[3 * i]!, table[3 * i + 1]!, digits, next, table[3 * i + 2]!);
          next += table[3 * i + 2]!;
        }
        expect(total.toDouble()).toBe(sumOf(lists.flat().reverse()).toDouble());
      }),
      { numRuns: 300 },
    );
  });
});
