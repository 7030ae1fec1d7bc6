/** Cancel, again and again, in every state and by every way: no hang, no leak, the next job right. */
import { setImmediate as turn } from "node:timers/promises";
import { cancelJob, configureInfra, type Job, launchCluster, shutdown } from "mpits";
import { openSocketCount } from "../../dist/transport/socket-pump.js";
import { deaf, firstWins, gated, polling, raising, squares } from "../fixtures/kernels.js";
import { allComputing, rejection, until } from "../support/job-events.ts";
import { held, onlyThatIsHeld } from "../support/nothing-left.ts";

const rounds = 200;
const nowhere = "/nonexistent/gate";

/** Where in its life the job is when the cancel comes. */
const moments: [string, (job: Job<unknown>) => Promise<unknown>][] = [
  ["at once", async () => undefined],
  ["a microtask later", () => Promise.resolve()],
  ["a turn of the event loop later", () => turn()],
  ["when a rank scatters", (job) => until(job, ({ ranks }) => ranks.some(({ state }) => state !== "idle"))],
  ["when all compute", (job) => until(job, allComputing)],
];

const ways: ((job: Job<unknown>, abort: AbortController) => void)[] = [
  (job) => job.cancel("enough"),
  (job) => job.send({ type: "job.cancel", reason: "enough" }),
  (_job, abort) => abort.abort(new Error("enough")),
  (job) => {
    job.cancel("enough");
    job.cancel("a second time");
  },
];

test(`${rounds} cancelled jobs in one process leave nothing behind`, async () => {
  const before = held();
  const cluster = await launchCluster({ perNodeCores: 3, logLevel: "silent" });
  for (let i = 0; i < rounds; i++) {
    const abort = new AbortController();
    const job: Job<unknown> = cluster.spawn(
      [polling, raising, gated][i % 3],
      { gate: nowhere },
      { signal: abort.signal },
    );
    await moments[i % moments.length]![1](job);
    ways[i % ways.length]!(job, abort);
    expect(await rejection(job.result)).toMatchObject({ name: "JobCancelledError", reason: "enough", forcedRanks: [] });
    expect(job.getSnapshot().ranks.map(({ state }) => state)).toEqual(["idle", "idle", "idle"]);
    if (i % 20 === 0) expect(await cluster.spawn(squares, { parts: 7 }).result).toHaveLength(7);
  }
  expect(await cluster.spawn(squares, { parts: 50 }).result).toHaveLength(50);
  await cluster.close();
  expect(openSocketCount()).toBe(0);
  await onlyThatIsHeld(before);
});

test("a cancel that comes when the job is done changes nothing", async () => {
  await using cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
  const job = cluster.spawn(squares, { parts: 2 });
  await job.result;
  job.cancel("too late", { force: true });
  expect(job.getSnapshot().value).toBe("done");
  expect(await cluster.spawn(firstWins, { winner: 0 }).result).toBe(0);
});

test("closing the cluster cancels what runs and what waits", async () => {
  const cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
  const [running, waiting] = [cluster.spawn(deaf, {}), cluster.spawn(squares, { parts: 1 }, { queue: true })];
  await until(running, allComputing);
  const results = Promise.all([rejection(running.result), rejection(waiting.result)]);
  await cluster.close();
  expect((await results).map(({ reason }) => reason)).toEqual(["the cluster was closed", "the cluster was closed"]);
  expect(openSocketCount()).toBe(0);
});

test("cancelJob cancels the job of the configured cluster, and says whether there was one", async () => {
  configureInfra({ perNodeCores: 2, logLevel: "silent" });
  expect(await cancelJob()).toBe(false);
  await shutdown();
});
