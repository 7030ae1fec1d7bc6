import type { MonteCarloInput } from "../../src/kernels/monte-carlo/options.ts";
import { prepareInput } from "../../src/kernels/monte-carlo/options.ts";
import { runJob } from "./run-kernel.ts";

const good: MonteCarloInput = { n: 10, sampleFn: (rng) => rng.random(), evalFn: (x: number) => x };
const own = { initFn: () => [], reduceFn: (a: number[]) => a, combineFn: (a: number[]) => a };

describe("before anything is launched", () => {
  test.each<[object, string]>([
    [{ n: 0 }, '"n" must be a whole number of 1 or more, got 0.'],
    [{ n: 2.5 }, '"n" must be a whole number of 1 or more, got 2.5.'],
    [{ n: "10" }, '"n" must be a whole number of 1 or more, got "10" (string).'],
    [{ n: 2 ** 53 }, '"n" must be a whole number of 1 or more'],
    [{ sampleFn: 3 }, '"sampleFn" must be a function, got 3.'],
    [{ evalFn: undefined }, '"evalFn" must be a function, got undefined.'],
    [{ ...own, combineFn: null }, '"combineFn" must be a function, got null.'],
    [{ finalizeFn: "sum" }, '"finalizeFn" must be a function, got "sum" (string).'],
    [{ initFn: () => 0 }, "got initFn without reduceFn and combineFn"],
    [{ ...own, reduceFn: undefined }, "got initFn and combineFn without reduceFn"],
    [{ seed: -1 }, '"seed" must be a whole number from 0 to 2^53 - 1, or a bigint from 0 to 2^64 - 1, got -1.'],
    [{ seed: 2n ** 64n }, "got 18446744073709551616n (bigint)."],
    [{ seed: 0.5 }, '"seed" must be'],
    [{ cancelCheckEvery: 0 }, '"cancelCheckEvery" must be a whole number of 1 or more, got 0.'],
    [
      { sede: 1 },
      'monteCarlo knows no option "sede"; the options are initFn, reduceFn, combineFn, finalizeFn, params, seed, cancelCheckEvery, and those of any job.',
    ],
  ])("%p is refused by name", (wrong, message) => {
    expect(() => prepareInput({ ...good, ...wrong })).toThrow(message);
  });

  test("good input passes, and gets a seed if it has none", () => {
    expect(prepareInput({ ...good, ...own, seed: 2n ** 64n - 1n })).toEqual({ ...good, ...own, seed: 2n ** 64n - 1n });
    expect(typeof prepareInput(good).seed).toBe("bigint");
  });
});

describe("while computing", () => {
  test.each<[string, object, string]>([
    ["a value that is no number", { evalFn: (x: number) => (x > 0 ? "a" : 0) }, 'got "a" (string) for sample 0'],
    [
      "no value",
      { sampleFn: (_: unknown, i: number) => i, evalFn: (i: number) => (i < 7 ? i : undefined) },
      "got undefined for sample 7",
    ],
    [
      "an asynchronous sampleFn",
      { sampleFn: async () => 1 },
      "sampleFn must be synchronous, but it returned a promise for sample 0.",
    ],
    [
      "an asynchronous evalFn",
      { evalFn: async () => 1 },
      "evalFn must be synchronous, but it returned a promise for sample 0.",
    ],
    ["an asynchronous evalFn of own reducers", { ...own, evalFn: async () => 1 }, "evalFn must be synchronous"],
    ["an asynchronous initFn", { ...own, initFn: async () => [] }, "initFn must be synchronous"],
    ["an asynchronous reduceFn", { ...own, reduceFn: async (a: unknown) => a }, "reduceFn must be synchronous"],
    ["an asynchronous combineFn", { ...own, combineFn: async (a: unknown) => a }, "combineFn must be synchronous"],
    [
      "a reduceFn that forgets to return",
      { ...own, reduceFn: (a: number[], v: number) => void a.push(v) },
      "reduceFn must return the accumulator",
    ],
    ["a combineFn that forgets to return", { ...own, combineFn: () => {} }, "combineFn must return the accumulator"],
  ])("%s is refused by name", async (_, wrong, message) => {
    await expect(runJob({ ...good, ...wrong })).rejects.toThrow(message);
  });

  test("what a function throws comes through as it is", async () => {
    const mine = new Error("mine");
    const evalFn = () => {
      throw mine;
    };
    await expect(runJob({ ...good, evalFn })).rejects.toBe(mine);
  });
});
