import { monteCarloKernel } from "../../src/kernels/monte-carlo/monte-carlo.ts";
import { fakeRank, partsFor } from "./run-kernel.ts";

/** Computes the first part of a job of a million samples; the cancel comes while sample `cancelAt` is made. */
function samplesUntilCancelled(cancelAt: number, options: object): number {
  let done = 0;
  let cancelled = false;
  const sampleFn = () => {
    if (++done === cancelAt) cancelled = true;
    return 0;
  };
  const part = partsFor({ n: 1e6, seed: 1, sampleFn, evalFn: () => 0, ...options }, 1)[0]!;
  const raiseIfCancelled = () => {
    if (cancelled) throw new Error("cancelled");
  };
  expect(() =>
    monteCarloKernel.compute(part, fakeRank({ raiseIfCancelled, cancelRequested: () => cancelled })),
  ).toThrow("cancelled");
  return done;
}

/** Runs `body` while `performance.now` is the clock in our hand. */
function withClock(now: () => number, body: () => void): void {
  Object.defineProperty(performance, "now", { value: now, configurable: true, writable: true });
  try {
    body();
  } finally {
    Reflect.deleteProperty(performance, "now");
  }
}

const own = { initFn: () => 0, reduceFn: (a: number) => a, combineFn: (a: number) => a };

describe("cancel", () => {
  test.each([1, 10, 999, 4096])("stops within cancelCheckEvery = %p samples", (cancelCheckEvery) => {
    for (const cancelAt of [1, 2, 5000, 12345])
      for (const reducers of [{}, own]) {
        const done = samplesUntilCancelled(cancelAt, { cancelCheckEvery, ...reducers });
        expect(done - cancelAt).toBeLessThan(cancelCheckEvery);
      }
  });

  test("without it, slow samples are looked between one by one", () => {
    // Each look finds that ten milliseconds went by.
    let now = 0;
    withClock(
      () => (now += 10),
      () => expect(samplesUntilCancelled(50, {})).toBe(50),
    );
  });

  test("without it, fast samples are looked between now and then", () => {
    let looks = 0;
    const part = partsFor({ n: 1e7, seed: 1, sampleFn: () => 0, evalFn: () => 0 }, 1)[0]!;
    const rank = fakeRank({ raiseIfCancelled: () => void looks++ });
    withClock(
      () => 0,
      () => monteCarloKernel.compute(part, rank),
    );
    expect(part.end - part.first).toBe(2 ** 20);
    expect(looks).toBeLessThan(40);
  });

  test("a part that was cancelled before it began makes no sample", () => {
    const sampleFn = () => {
      throw new Error("began");
    };
    const part = partsFor({ n: 10, seed: 1, sampleFn, evalFn: () => 0 }, 1)[0]!;
    const raiseIfCancelled = () => {
      throw new Error("cancelled");
    };
    expect(() => monteCarloKernel.compute(part, fakeRank({ raiseIfCancelled }))).toThrow("cancelled");
  });
});

test("progress counts the samples of the part, up to all of them", () => {
  const reports: [number, number | undefined][] = [];
  const part = partsFor({ n: 80000, seed: 1, sampleFn: () => 0, evalFn: () => 0, cancelCheckEvery: 1000 }, 1)[0]!;
  const total = part.end - part.first;
  monteCarloKernel.compute(part, fakeRank({ progress: (done, of) => void reports.push([done, of]) }));
  expect(reports.slice(0, 3)).toEqual([
    [1, total],
    [1001, total],
    [2001, total],
  ]);
  expect(reports.at(-1)).toEqual([total, total]);
});
