// What it costs to be seen, and how fast another shell sees and cancels. CPU times are the driver's whole process, threads included.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchCluster, primeSearch } from "mpits";
import { tiny } from "../kernels/small.mjs";
import { startSteerClient } from "../support/steer-client.mjs";

const command = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));
const manyParts = 10_000;
/** A prime of 39 digits: nobody finds a divisor within the life of a benchmark. */
const endless = { n: 10n ** 38n + 133n };

export default {
  title: "Seen and steered: what records cost, and a cancel from another shell",
  rows: [
    {
      id: "records",
      what: `CPU time of ${manyParts} tiny parts, a rank on each core, nobody looks`,
      unit: "ms",
      better: "less",
      ours: () => openManyParts(),
      peers: [
        { name: "an observer in the program", open: () => openManyParts((job) => job.inspect(() => {})) },
        { name: "another process follows all", open: () => openManyParts(undefined, true) },
      ],
    },
    {
      id: "cancel-request",
      what: "cancel of a prime search by another process: request → every rank idle",
      unit: "ms",
      better: "less",
      limit: { median: 50 },
      ours: () => openCancel(async (folder) => await startSteerClient(folder)),
    },
    {
      id: "cancel-command",
      what: "the same by `mpits cancel`, with a core free for it: its start → every rank idle",
      unit: "ms",
      better: "less",
      limit: { median: 50 },
      ours: () => openCancel(cancelByCommand, availableParallelism() - 1),
      peers: [{ name: "node -e 0, beside such a search", open: () => openBareNode(availableParallelism() - 1) }],
    },
    {
      id: "cancel-command-busy",
      what: "the same beside a search on all cores",
      unit: "ms",
      better: "less",
      ours: () => openCancel(cancelByCommand),
      peers: [{ name: "node -e 0, beside such a search", open: () => openBareNode() }],
    },
    {
      id: "inspect-256",
      what: "inspect of 256 ranks with the last 10 transitions of each, over a socket",
      unit: "ms",
      better: "less",
      limit: { median: 100 },
      ours: () => openInspect(10),
    },
    {
      id: "inspect-256-all",
      what: "the same with the last 200 of each",
      unit: "ms",
      better: "less",
      ours: () => openInspect(200),
    },
    {
      id: "inspect-256-command",
      what: "`mpits inspect --json` of 256 ranks: its start → its end",
      unit: "ms",
      better: "less",
      limit: { median: 100 },
      ours: () => openInspectCommand(),
      peers: [{ name: "node -e 0", open: () => ({ sample: () => timed(["-e", "0"]) }) }],
    },
  ],
};

/** A cluster whose socket lies in a folder of its own. */
async function openCluster(cores = availableParallelism()) {
  const folder = mkdtempSync(join(tmpdir(), "mpits-bench-"));
  process.env.MPITS_SOCKET_DIR = folder;
  const cluster = await launchCluster({ perNodeCores: Math.max(1, cores), logLevel: "silent" });
  const close = async () => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { cluster, folder, close };
}

async function openManyParts(look, followed = false) {
  const { cluster, folder, close } = await openCluster();
  const client = followed ? await startSteerClient(folder) : undefined;
  const sample = async () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 5; i++) {
      const job = cluster.spawn(tiny, { parts: manyParts });
      look?.(job);
      await client?.tell("follow", job.id);
      await job.result;
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 5000;
  };
  return { sample, close: () => Promise.all([client?.close(), close()]) };
}

async function openCancel(open, cores) {
  const { cluster, folder, close } = await openCluster(cores);
  const client = await open(folder, cluster);
  const sample = async () => {
    const times = [];
    for (let i = 0; i < 10; i++) {
      const job = cluster.spawn(primeSearch, endless);
      await searching(job);
      const idle = job.result.catch(() => {});
      times.push(await client.tell("cancel", job.id, idle));
      await idle;
    }
    return times;
  };
  return { sample, close: () => Promise.all([client.close(), close()]) };
}

function cancelByCommand() {
  const tell = async (what, job, idle) => {
    const from = performance.now();
    const ended = run([command, what, job]);
    await idle;
    const ms = performance.now() - from;
    await ended;
    return ms;
  };
  return { tell, close() {} };
}

/** Node's own start is a part of what the command takes, and shares the cores with the search as well: which is there only meanwhile. */
async function openBareNode(cores) {
  const { cluster, close } = await openCluster(cores);
  const sample = async () => {
    const job = cluster.spawn(primeSearch, endless);
    const over = job.result.catch(() => {});
    await searching(job);
    const times = [];
    for (let i = 0; i < 10; i++) times.push(await timed(["-e", "0"]));
    job.cancel();
    await over;
    return times;
  };
  return { sample, close };
}

function searching(job) {
  return new Promise((resolve) => {
    const { unsubscribe } = job.subscribe(({ ranks }) => {
      if (!ranks.every(({ state, progress }) => state === "computing" && progress.done > 0)) return;
      unsubscribe();
      resolve();
    });
  });
}

async function openInspect(last) {
  const { path, close } = await playDriver();
  const { DriverLink } = await import("../../dist/steer/client.js");
  const link = await DriverLink.open(path, 0);
  return {
    async sample() {
      const from = performance.now();
      const { records } = await link.ask({ ask: "inspect", cluster: 1, job: "tiny#1", last });
      if (records.length !== 256 * last) throw new Error(`got ${records.length} records`);
      return performance.now() - from;
    },
    close() {
      link.close();
      close();
    },
  };
}

async function openInspectCommand() {
  const { close } = await playDriver();
  return { sample: () => timed([command, "inspect", "--json"]), close };
}

/** A driver with a job of 256 ranks on 32 hosts, played: 256 threads are no part of what is measured. */
async function playDriver() {
  const [{ createActor }, { jobMachine }, { RankTable }, { Story }, { Connection }] = await Promise.all([
    import("xstate"),
    import("../../dist/actors/job-machine.js"),
    import("../../dist/cluster/rank-table.js"),
    import("../../dist/cluster/story.js"),
    import("../../dist/steer/connection.js"),
  ]);
  const names = Array.from({ length: 256 }, (_, rank) => `node${rank >> 3}`);
  const ranks = new RankTable(names);
  const story = new Story("tiny#1", 200);
  for (let i = 0; i < 400; i++)
    for (const [rank, host] of names.entries())
      story.add({ timeMs: i, rank, host, from: "idle", to: "scattering", event: "part.received" });
  const actor = createActor(jobMachine, { input: { job: 1, kernel: "tiny" } });
  const parts = { handedOut: 1, done: 0, again: 0, total: 1 };
  const all = { id: "tiny#1", kernel: "tiny", value: "idle", reason: null, elapsedMs: 1, parts };
  const getSnapshot = () => ({ ...all, ranks: ranks.snapshot() });
  const stats = playedStats(names);
  const job = { id: "tiny#1", actor, getSnapshot, stats, story: (last) => story.records(last) };
  const cluster = { jobs: [job], pastJobs: [], runningJob: job, getSnapshot: () => ({ hosts: [] }), size: 256 };
  const folder = mkdtempSync(join(tmpdir(), "mpits-bench-"));
  process.env.MPITS_SOCKET_DIR = folder;
  const server = createServer((socket) => new Connection(socket, new Map([[1, cluster]])));
  const path = join(folder, `${process.pid}-0.sock`);
  await new Promise((resolve) => server.listen(path, resolve));
  const close = () => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { path, close };
}

/** Every rank has sent something to every other. */
function playedStats(names) {
  const none = { messages: 0, bytes: 0 };
  const betweenRanks = names.flatMap((_, from) =>
    names.map((_, to) => ({ from, to, messages: 1, bytes: 1000 + ((from * 37 + to) % 997) })),
  );
  return { sent: none, received: none, byHost: {}, between: [], betweenRanks, least: { ranks: 0, hosts: 0 } };
}

/** ms from the start of a Node process to its exit. */
async function timed(args) {
  const from = performance.now();
  await run(args);
  return performance.now() - from;
}

function run(args) {
  return new Promise((resolve, reject) => {
    // In a session of its own, as a command of another shell is: the system may share out processors by session.
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], detached: true });
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(" ")} ended with ${code}`))));
  });
}
