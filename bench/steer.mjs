// What it costs to be seen, and how fast a cancel from another shell is. Needs a built dist/.
// Run: npm run build && node bench/steer.mjs [turns] [throughput|cancel|inspect]. Numbers are medians; ratios are medians over alternating runs. On a busy machine
// only the CPU times mean something.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createActor } from "xstate";
import { jobMachine } from "../dist/actors/job-machine.js";
import { RankTable } from "../dist/cluster/rank-table.js";
import { Story } from "../dist/cluster/story.js";
import { defineKernel, launchCluster } from "../dist/index.js";
import { DriverLink } from "../dist/steer/client.js";
import { Connection } from "../dist/steer/connection.js";

export const tiny = defineKernel({
  name: "tiny",
  *scatter({ parts }) {
    for (let i = 0; i < parts; i++) yield i;
  },
  compute: (i) => i * i,
  async reduce(partials) {
    let sum = 0;
    for await (const value of partials) sum += value;
    return sum;
  },
});

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const turns = Number(process.argv[2] ?? 15);
const runtime = mkdtempSync(join(tmpdir(), "steer-bench-"));
process.env.XDG_RUNTIME_DIR = runtime;
try {
  const parts = { throughput, cancel: cancelLatency, inspect: manyRanks };
  for (const [name, measure] of Object.entries(parts)) if ((process.argv[3] ?? name) === name) await measure();
} finally {
  rmSync(runtime, { recursive: true, force: true });
}

/** 10,000 small parts: nobody looks; an observer in the program; another process that follows everything. */
async function throughput() {
  const cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
  const runs = { nobody: [], observer: [], "another process": [] };
  await timed(cluster);
  for (let turn = 0; turn < turns; turn++) {
    runs.nobody.push(await timed(cluster));
    runs.observer.push(await timed(cluster, (job) => job.inspect(() => {})));
    runs["another process"].push(await timed(cluster, undefined, true));
  }
  await cluster.close();
  const { ms, cpuMs } = mediansOf(runs.nobody);
  console.log(`10,000 small parts when nobody looks: ${ms.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of CPU`);
  for (const [who, times] of Object.entries(runs).slice(1)) {
    const more = (key) => ((median(times.map((each, i) => each[key] / runs.nobody[i][key])) - 1) * 100).toFixed(1);
    console.log(`  with ${who}: ${more("ms")} % longer, ${more("cpuMs")} % more CPU in this process`);
  }
}

function mediansOf(times) {
  return { ms: median(times.map(({ ms }) => ms)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) };
}

/** ms of a job of 10,000 parts; with `watched`, two commands of another process follow it from its first moment on. */
async function timed(cluster, look, watched = false) {
  const gate = watched ? await watchers() : undefined;
  const cpu = process.cpuUsage();
  const job = cluster.spawn(tiny, { parts: 10_000 });
  look?.(job);
  gate?.follow(job.id);
  await job.result;
  const { user, system } = process.cpuUsage(cpu);
  gate?.end();
  return { ms: job.stats.elapsedMs, cpuMs: (user + system) / 1000 };
}

/** A process with a link to this one; it follows the job whose id it is told. */
async function watchers() {
  const program = `
    import { DriverLink } from ${JSON.stringify(new URL("../dist/steer/client.js", import.meta.url).href)};
    const link = await DriverLink.open(process.argv[1], 0);
    const { clusters } = await link.ask({ ask: "state" });
    process.stdin.setEncoding("utf8").on("data", (job) => {
      const address = { cluster: clusters[0].number, job: job.trim() };
      link.ask({ ask: "watch", ...address }).catch(() => {});
      link.ask({ ask: "records", ...address, fromStart: true }).catch(() => {});
      link.ask({ ask: "logs", ...address, follow: true }).catch(() => {});
    });
    process.stdin.on("end", () => process.exit());
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, socketPath()], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { follow: (id) => child.stdin.write(`${id}\n`), end: () => child.stdin.end() };
}

/** A prime search that would go on for years, cancelled from another process. */
async function cancelLatency() {
  const [byLink, byCommand, whole] = [[], [], []];
  for (let turn = 0; turn < turns; turn++) {
    byLink.push((await cancelled((link, address) => link.ask({ ask: "cancel", ...address, reason: "bench" }))).ms);
    let text = "";
    const { ms } = await cancelled(
      () =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, [main, "cancel"], { stdio: ["ignore", "pipe", "inherit"] });
          child.stdout.on("data", (chunk) => {
            text += chunk;
          });
          child.once("close", resolve);
        }),
    );
    whole.push(ms);
    byCommand.push(Number(/idle in (\d+) ms/.exec(text)?.[1]));
  }
  const bare = await nodeStart();
  console.log(`cancel of a running prime search, request to all ranks idle: ${median(byLink).toFixed(1)} ms`);
  console.log(
    `  by "mpits cancel": ${median(byCommand)} ms of its own ${median(whole).toFixed(0)} ms (node -e 0: ${bare.toFixed(0)} ms)`,
  );
}

async function cancelled(cancel) {
  const program = spawn(process.execPath, [main, "prime", "100000000000000000000000000000000000133", "-n", "2"], {
    stdio: "ignore",
  });
  const link = await whenComputing(program.pid);
  const { clusters, jobs } = await link.ask({ ask: "state" });
  const from = performance.now();
  await cancel(link, { cluster: clusters[0].number, job: jobs[0].job });
  const ms = performance.now() - from;
  link.close();
  await new Promise((resolve) => (program.exitCode === null ? program.once("exit", resolve) : resolve()));
  return { ms };
}

async function whenComputing(pid) {
  for (;;) {
    const name = namesIn().find((each) => each.startsWith(`${pid}-`));
    const link = name && (await DriverLink.open(join(runtime, "mpits", name), pid).catch(() => undefined));
    const state = await link?.ask({ ask: "state" });
    if (state?.jobs[0]?.snapshot.ranks.every(({ state: each, progress }) => each === "computing" && progress.done > 0))
      return link;
    link?.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function nodeStart() {
  const times = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = performance.now();
    await new Promise((resolve) => spawn(process.execPath, ["-e", "0"]).once("close", resolve));
    times.push(performance.now() - from);
  }
  return median(times);
}

/** `inspect` of a job with 256 ranks and a full story, over a real socket. The cluster behind it is played. */
async function manyRanks() {
  const names = Array.from({ length: 256 }, (_, rank) => `node${rank >> 3}`);
  const ranks = new RankTable(names);
  const story = new Story("tiny#1", 200);
  for (let i = 0; i < 400; i++)
    for (const [rank, host] of names.entries())
      story.add({ timeMs: i, rank, host, from: "idle", to: "scattering", event: "part.received" });
  const actor = createActor(jobMachine, { input: { job: 1, kernel: "tiny" } });
  const parts = { handedOut: 1, done: 0, again: 0, total: 1 };
  const snapshot = () => ({
    id: "tiny#1",
    kernel: "tiny",
    value: "idle",
    reason: null,
    elapsedMs: 1,
    parts,
    ranks: ranks.snapshot(),
  });
  const job = {
    id: "tiny#1",
    actor,
    getSnapshot: snapshot,
    story: (last) => story.records(last),
  };
  const cluster = { jobs: [job], pastJobs: [], runningJob: job, getSnapshot: () => ({ hosts: [] }), size: 256 };
  const path = join(runtime, "played.sock");
  const server = createServer((socket) => new Connection(socket, new Map([[1, cluster]])));
  await new Promise((resolve) => server.listen(path, resolve));
  const link = await DriverLink.open(path, 0);
  for (const last of [10, 200]) {
    const times = [];
    for (let turn = 0; turn < turns; turn++) {
      const [from, cpu] = [performance.now(), process.cpuUsage()];
      await link.ask({ ask: "inspect", cluster: 1, job: "tiny#1", last });
      const { user, system } = process.cpuUsage(cpu);
      times.push({ ms: performance.now() - from, cpuMs: (user + system) / 1000 });
    }
    const { ms, cpuMs } = mediansOf(times);
    const title = `inspect of 256 ranks with the last ${last} transitions of each`;
    console.log(`${title}: ${ms.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of CPU of both ends`);
  }
  link.close();
  server.close();
}

function socketPath() {
  return join(runtime, "mpits", namesIn()[0]);
}

function namesIn() {
  try {
    return readdirSync(join(runtime, "mpits"));
  } catch {
    return [];
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
