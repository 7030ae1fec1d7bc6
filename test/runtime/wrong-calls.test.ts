/** Public functions that are called wrongly say so, in one sentence, before anything is launched. */
import {
  type Cluster,
  checkCluster,
  chromeTrace,
  configureInfra,
  defineKernel,
  FLOAT64,
  forRank,
  inspectorLink,
  isPrime,
  launchCluster,
  matMul,
  monteCarlo,
  primeSearch,
  reduceLocal,
} from "mpits";
import { echo } from "../fixtures/kernels.js";
import { rejection } from "../support/job-events.ts";

const three = { scatter: () => [], compute: () => 1, reduce: () => 1, module: "file:///wrong-calls.js" };
const one = () => 1;
const wrong = (value: unknown) => value as never;
const detached = new Float64Array(4);
structuredClone(detached, { transfer: [detached.buffer] });

let cluster: Cluster;
beforeAll(async () => {
  cluster = await launchCluster({ perNodeCores: 1, logLevel: "silent" });
});
afterAll(() => cluster.close());

const calls: [string, () => unknown, RegExp][] = [
  [
    "a configuration that is null",
    () => configureInfra(wrong(null)),
    /^"configuration" must be an object of options, got null/,
  ],
  [
    "a configuration that is a text",
    () => configureInfra(wrong("x")),
    /^"configuration" must be an object of options, got "x"/,
  ],
  [
    "a configuration that is a list",
    () => launchCluster(wrong([])),
    /^"configuration" must be an object of options, got an array/,
  ],
  ["a check of a number", () => checkCluster(wrong(5)), /^"configuration" must be an object of options, got 5/],
  [
    "an inspector that is none",
    () => configureInfra({ inspect: wrong(5) }),
    /^"inspect" must be true, false or an XState/,
  ],
  ["options that are null", () => isPrime(7, wrong(null)), /^"options" must be an object of options, got null/],
  ["options that are a number", () => matMul([[1]], [[1]], wrong(5)), /^"options" must be an object of options, got 5/],
  [
    "options of a Monte Carlo job",
    () => monteCarlo(1, one, one, wrong(7)),
    /^"options" must be an object of options, got 7/,
  ],
  [
    "a cluster that is none",
    () => isPrime(7, { cluster: wrong({}) }),
    /^"cluster" must be a cluster that launchCluster/,
  ],
  ["a page of no cluster", () => inspectorLink(wrong({})), /^"cluster" must be a cluster that launchCluster gave/],
  ["a symbol", () => isPrime(wrong(Symbol("x"))), /got Symbol\(x\) \(symbol\)/],
  [
    "an order that there is not",
    () => defineKernel({ name: "a", ...three, order: wrong("x") }),
    /^"order" must be "part" or/,
  ],
  [
    "together with a number",
    () => defineKernel({ name: "b", ...three, together: wrong(1) }),
    /^"together" must be true or/,
  ],
  [
    "a key that kernels don't have",
    () => defineKernel({ name: "c", ...three, ...({ togther: true } as object) }),
    /no "togther"/,
  ],
  ["a part for no rank", () => forRank(wrong("x"), 1), /^"rank" must be the number of a rank, got "x"/],
  ["records that are none", () => chromeTrace(wrong(5)), /^"records" must be a list of records/],
  ["a reduction without an op", () => reduceLocal(wrong(undefined), detached, detached), /^"op" must be an op/],
  [
    "displacements that are no list",
    () => FLOAT64.indexed(1, wrong(5)),
    /^"displacements" must be a list of numbers, got 5/,
  ],
  ["sizes that are no list", () => FLOAT64.subarray(wrong(2), [1], [0]), /^"sizes" must be a list of numbers, got 2/],
];

test.each(calls)("%s is a UsageError that says what was expected", async (_, call, words) => {
  const error = await rejection(Promise.resolve().then(call));
  expect(error).toMatchObject({ code: "MPITS_USAGE", message: expect.stringMatching(words) });
});

test("a cancel by force takes a truth value, and a story a count", async () => {
  const job = cluster.spawn(primeSearch, { n: 7 });
  expect(() => job.send({ type: "job.cancel", force: wrong("no") })).toThrow(
    /^"force" must be true or false, got "no"/,
  );
  for (const last of [-1, 1.5, Number.NaN]) expect(() => job.story(last)).toThrow(/^"last" must be a whole number/);
  expect((await job.result).prime).toBe(true);
});

test("an array whose memory was given away fails its job by name instead of travelling as nothing", async () => {
  const error = await rejection(cluster.spawn(echo, { values: [1, detached] }).result);
  expect(error).toMatchObject({ code: "MPITS_USAGE", message: expect.stringMatching(/memory was given away/) });
  expect(await cluster.spawn(echo, { values: [new Float64Array(0)] }).result).toEqual([new Float64Array(0)]);
});
