// What a job, a message, start, cancel and end cost as a function of the number of ranks: rank 0 here, and up to 32 host
// processes of 8 ranks on this machine. Prints a Markdown table; --write draws docs/scaling.svg.
// Usage: npm run bench:scaling [-- --write]      (needs about 6 GiB for 257 ranks)
import { writeFileSync } from "node:fs";
import { launchCluster } from "mpits";
import { tiny, wait } from "./kernels/small.mjs";
import { lines } from "./support/lines.mjs";
import { digits } from "./support/markdown.mjs";
import { median } from "./support/statistics.mjs";

const perHost = 8;
const jobs = 30;
const partsPerRank = 20;

const rows = [];
for (const hosts of [0, 1, 2, 4, 8, 16, 32]) {
  process.stderr.write(`${hosts} host processes …\n`);
  rows.push(await measure(hosts));
}
console.log(table(rows));
if (process.argv.includes("--write"))
  writeFileSync(new URL("../docs/scaling.svg", import.meta.url), lines(curves(rows), { x: "ranks", y: "ms" }));

async function measure(hosts) {
  const [startMs, cluster] = await timed(() =>
    launchCluster(
      hosts === 0
        ? { perNodeCores: 3 }
        : { hosts: Array.from({ length: hosts }, () => "localhost"), perNodeCores: perHost, connectTimeoutS: 120 },
    ),
  );
  const { size } = cluster;
  for (let job = 0; job < 10; job++) await cluster.spawn(tiny, { parts: size }).result; // every rank has its kernel
  const one = await runJobs(cluster, size);
  const many = await runJobs(cluster, size * partsPerRank);
  const cancelMs = median(await repeat(10, () => cancelled(cluster)));
  const [endMs] = await timed(() => cluster.close());
  return { size, startMs, one, many, cancelMs, endMs };
}

/** Medians over some jobs: time, the driver's own CPU time, messages of both directions. */
async function runJobs(cluster, parts) {
  const runs = await repeat(jobs, async () => {
    const cpu = process.cpuUsage();
    const job = cluster.spawn(tiny, { parts });
    const [ms] = await timed(() => job.result);
    const { user, system } = process.cpuUsage(cpu);
    const { sent, received } = job.stats;
    return { ms, cpuMs: (user + system) / 1000, messages: sent.messages + received.messages };
  });
  return Object.fromEntries(["ms", "cpuMs", "messages"].map((key) => [key, median(runs.map((run) => run[key]))]));
}

/** From the cancel of a job that every rank computes until all are idle. */
async function cancelled(cluster) {
  const job = cluster.spawn(wait, null);
  await new Promise((resolve) => {
    const { unsubscribe } = job.subscribe(({ ranks }) => {
      if (!ranks.every(({ state }) => state === "computing")) return;
      unsubscribe();
      resolve();
    });
  });
  job.cancel("enough");
  const [ms] = await timed(() => job.result.catch(() => {}));
  return ms;
}

async function repeat(times, run) {
  const out = [];
  for (let i = 0; i < times; i++) out.push(await run());
  return out;
}

async function timed(run) {
  const start = performance.now();
  const value = await run();
  return [performance.now() - start, value];
}

function table(all) {
  const head = [
    "ranks",
    "start",
    "tiny job",
    "of it driver CPU",
    "messages",
    "CPU per message",
    `job of ${partsPerRank} parts per rank`,
    "cancel",
    "end",
  ];
  const body = all.map(({ size, startMs, one, many, cancelMs, endMs }) => [
    size,
    `${digits(startMs)} ms`,
    `${digits(one.ms)} ms`,
    `${digits(one.cpuMs)} ms`,
    one.messages,
    `${digits((one.cpuMs / one.messages) * 1000)} µs`,
    `${digits(many.ms)} ms`,
    `${digits(cancelMs)} ms`,
    `${digits(endMs)} ms`,
  ]);
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function curves(all) {
  const curve = (name, of) => ({ name, points: all.map((row) => [row.size, of(row)]) });
  return [
    curve("start", ({ startMs }) => startMs),
    curve("end", ({ endMs }) => endMs),
    curve(`job of ${partsPerRank} parts per rank`, ({ many }) => many.ms),
    curve("tiny job", ({ one }) => one.ms),
    curve("its CPU time at the driver", ({ one }) => one.cpuMs),
    curve("cancel", ({ cancelMs }) => cancelMs),
  ];
}
