// Jobs that are cancelled in every state and by every way, in one process; prints what it saw, and ends by itself.
import { setImmediate as turn } from "node:timers/promises";
import { cancelJob, configureInfra, defaultCluster } from "mpits";
import { polling, raising, squares } from "../fixtures/kernels.js";

const rounds = Number(process.argv[2]);
configureInfra({ perNodeCores: 3, logLevel: "silent" });
const cluster = await defaultCluster();

const until = (job, fits) =>
  new Promise((resolve) => {
    const look = (snapshot) => {
      if (!fits(snapshot)) return;
      subscription.unsubscribe();
      resolve();
    };
    const subscription = job.subscribe(look);
    look(job.getSnapshot());
  });

const moments = [
  () => undefined,
  () => Promise.resolve(),
  () => turn(),
  (job) => until(job, ({ ranks }) => ranks.some(({ state }) => state !== "idle")),
  (job) => until(job, ({ ranks }) => ranks.every(({ state, progress }) => state === "computing" && progress.done > 0)),
];
const ways = {
  send: (job) => job.send({ type: "job.cancel", reason: "enough" }),
  cancel: (job) => job.cancel("enough"),
  signal: (_job, abort) => abort.abort(new Error("enough")),
  cancelJob: () => cancelJob("enough"),
  interrupt: () => process.kill(process.pid, "SIGINT"),
};

const seen = {};
for (let i = 0; i < rounds; i++) {
  const abort = new AbortController();
  const way = Object.keys(ways)[i % 5];
  const job = cluster.spawn(i % 2 ? polling : raising, {}, { signal: abort.signal });
  await moments[Math.floor(i / 5) % 5](job);
  await ways[way](job, abort);
  const error = await job.result.catch((error) => error);
  const idle = job.getSnapshot().ranks.every(({ state }) => state === "idle");
  if (error.name === "JobCancelledError" && error.forcedRanks.length === 0 && idle) seen[way] = (seen[way] ?? 0) + 1;
}
const next = await cluster.spawn(squares, { parts: 50 }).result;
console.log(JSON.stringify({ seen, next: next.length, listeners: process.listenerCount("SIGINT") }));
process.exitCode = 0;
