import fc from "fast-check";
import { portableLog } from "../../src/random/log.ts";
import { normalQuantile } from "../../src/random/normal-quantile.ts";

describe("portableLog", () => {
  const probability = fc.oneof(
    fc.double({ min: 2 ** -60, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 60, noNaN: true }).map((e) => 2 ** -e),
  );

  test("is Math.log to two units in the last place", () => {
    fc.assert(
      fc.property(probability, (x) => {
        const wanted = Math.log(x);
        expect(Math.abs(portableLog(x) - wanted)).toBeLessThanOrEqual(2 * 2 ** -52 * Math.abs(wanted));
      }),
      { numRuns: 3000 },
    );
  });

  test("is exact where it can be, and near 1 as good as anywhere", () => {
    expect(portableLog(1)).toBe(0);
    expect(portableLog(0.5)).toBe(-Math.LN2);
    expect(portableLog(2 ** -60)).toBe(-60 * Math.LN2);
    const corner = Math.SQRT1_2;
    for (const x of [
      1 - 2 ** -53,
      corner,
      corner - 2 ** -53,
      corner + 2 ** -53,
      corner - 2 ** -20,
      corner + 2 ** -20,
      corner / 2,
    ])
      expect(Math.abs(portableLog(x) / Math.log(x) - 1)).toBeLessThan(2 ** -51);
  });
});

describe("normalQuantile", () => {
  // From Python's statistics.NormalDist().inv_cdf, which implements the same published algorithm.
  test.each([
    [2 ** -54, -8.292361075813595],
    [2 ** -40, -7.047700256664409],
    [2 ** -36, -6.651035379893009],
    [2 ** -35, -6.54826936783173],
    [2 ** -20, -4.7630010342678135],
    [0.02425, -1.9729610513118845],
    [0.0749999, -1.4395321773759004],
    [0.0750001, -1.4395307645017297],
    [0.3, -0.5244005127080407],
    [0.5, 0],
    [0.975, 1.9599639845400536],
    [0.9999, 3.7190164854557084],
  ])("of %p is %p", (p, wanted) => {
    expect(Math.abs(normalQuantile(p - 0.5) - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
  });

  test("is odd and rises, from one end of the draws to the other", () => {
    const draw = fc.integer({ min: 0, max: 2 ** 53 - 2 });
    const centred = (k: number) => k / 2 ** 53 - 0.5 + 2 ** -54;
    fc.assert(
      fc.property(fc.oneof(draw, fc.integer({ min: 0, max: 1000 })), (k) => {
        const [q, next] = [centred(k), centred(k + 1)];
        expect(normalQuantile(-q)).toBe(-normalQuantile(q));
        expect(normalQuantile(next) - normalQuantile(q)).toBeGreaterThanOrEqual(-1e-15 * Math.abs(normalQuantile(q)));
      }),
      { numRuns: 1000 },
    );
    expect(normalQuantile(centred(0))).toBeCloseTo(-8.292361075813595, 9);
    expect(normalQuantile(centred(2 ** 53 - 1))).toBeCloseTo(8.292361075813595, 9);
  });
});
