/** What kernels and callers may do but seldom do: the results are right all the same, and the errors say what to change. */
import { type Cluster, type Job, launchCluster } from "mpits";
import {
  givingAway,
  givingPart,
  miscounting,
  noParts,
  noScatter,
  reusing,
  stepByStep,
  stopsAtOnce,
} from "../fixtures/awkward.js";
import { deaf, polling, squares } from "../fixtures/kernels.js";
import { allComputing, allRanks, rejection, until } from "../support/job-events.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
});
afterAll(() => cluster.close());

test("a kernel may use the array that it returned for its next part", async () => {
  const out = (await cluster.spawn(reusing, { parts: 500 }).result) as (Float64Array | { nested: Float64Array[] })[];
  const pairs = out.map((partial) => Array.from("nested" in partial ? partial.nested[0]! : partial));
  expect(pairs).toEqual(Array.from({ length: 500 }, (_, i) => [i, -i]));
});

test("an array that compute gives away by move is not copied: it arrives, and is empty in the kernel", async () => {
  const out = (await cluster.spawn(givingAway, { parts: 20 }).result) as { left: number; array: Float64Array }[];
  expect(out.map(({ array }) => [array.length, array[0], array[49_999]])).toEqual(out.map((_, i) => [50_000, i, i]));
  const next = (await cluster.spawn(givingAway, { parts: 2 }).result) as { left: number }[];
  expect(next[0]!.left).toBe(0); // the last array of the job before
  const error = await rejection(cluster.spawn(givingPart, { parts: 1 }).result);
  expect((error as Error).message).toContain('"move\'s argument" must be a typed array that has its buffer to itself');
});

test("a scatter that waits for partials gets them, whatever is handed out together", async () => {
  const seen = new Set<number>();
  expect(await cluster.spawn(stepByStep, { steps: 60, seen }, { timeoutMs: 60_000 }).result).toBe(60);
});

test("a progress that is no number shows as none, and the states are reported all the same", async () => {
  const job = cluster.spawn(miscounting, {});
  const { ranks } = await until(job, allRanks("computing"));
  expect(ranks.map(({ progress }) => progress)).toEqual([
    { done: 0, total: 0 },
    { done: 0, total: 0 },
  ]);
  job.cancel();
  await rejection(job.result);
});

test("a reduce that cancels the rest at once waits until every rank is idle", async () => {
  const input: { parts: number; job?: Job<unknown> } = { parts: 2 };
  input.job = cluster.spawn(stopsAtOnce, input);
  expect(await input.job.result).toBeGreaterThan(0);
  expect(input.job.getSnapshot()).toMatchObject({ value: "done", ranks: [{ state: "idle" }, { state: "idle" }] });
});

test("a scatter that gives no parts, or throws, is named", async () => {
  expect(await rejection(cluster.spawn(noParts, {}).result)).toMatchObject({
    name: "UsageError",
    message: 'scatter of kernel "noParts" must yield parts (*scatter) or return something iterable, got undefined.',
  });
  expect(await rejection(cluster.spawn(noScatter, {}).result)).toMatchObject({
    name: "KernelError",
    message: 'scatter of kernel "noScatter" failed at the driver: no parts today',
  });
});

test("a cancel event sent to the job's XState actor cancels it, running or waiting", async () => {
  const running = cluster.spawn(polling, {});
  const waiting = cluster.spawn(squares, { parts: 1 }, { queue: true });
  await until(running, allComputing);
  waiting.actor.send({ type: "job.cancel", reason: "not needed" });
  running.actor.send({ type: "job.cancel", reason: "enough" });
  expect(await rejection(running.result)).toMatchObject({ name: "JobCancelledError", reason: "enough" });
  expect(await rejection(waiting.result)).toMatchObject({ name: "JobCancelledError", reason: "not needed" });
});

test("the snapshot and the costs of a job are its own, before its turn and after its end", async () => {
  const first = cluster.spawn(squares, { parts: 3 });
  const second = cluster.spawn(polling, {}, { queue: true });
  const third = cluster.spawn(squares, { parts: 1 }, { queue: true });
  await first.result;
  await until(second, allComputing);
  expect(first.getSnapshot().ranks.map(({ state }) => state)).toEqual(["idle", "idle"]);
  expect(third.stats).toMatchObject({ sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 } });
  second.cancel();
  await rejection(second.result);
  await third.result;
});

test("who asks for force is not told that the kernel did not stop within the grace", async () => {
  const job = cluster.spawn(deaf, {});
  await until(job, allComputing);
  job.cancel("now", { force: true });
  const { message } = await rejection(job.result);
  expect(message).toBe(`job ${job.id} was cancelled: now. It was forced: ranks 0, 1 lost the compute thread.`);
});
