// What is paid before and beside the work: a cold start, an idle cluster, the memory of a rank.
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { needs, pythonPeer } from "../support/peers.mjs";

const ranks = 4;
const idleMs = 3000;
const program = (name) => new URL(`../programs/${name}.mjs`, import.meta.url).pathname;

export default {
  title: "Start-up, idling and memory",
  rounds: 5,
  rows: [
    {
      id: "cold-start",
      what: `cold start of ${ranks} ranks in one process, a tiny job, exit`,
      unit: "ms",
      better: "less",
      limit: { median: 400 },
      ours: () => ({ sample: () => timed(program("one-job"), ["threads", ranks]) }),
      peers: [
        { name: "node that does nothing", open: () => ({ sample: () => timed("-e", [""]) }) },
        { name: "multiprocessing.Pool", needs: needs.python, open: () => pythonPeer("cold_start.py", ["pool", ranks]) },
        { name: "dask.distributed", needs: needs.dask, open: () => pythonPeer("cold_start.py", ["dask", ranks]) },
        { name: "mpi4py", needs: needs.mpi4py, open: () => pythonPeer("cold_start.py", ["mpi4py", ranks]) },
      ],
    },
    {
      id: "cold-start-hosts",
      what: "cold start of 2 host processes of 2 ranks, a tiny job, exit",
      unit: "ms",
      better: "less",
      ours: () => ({ sample: () => timed(program("one-job"), ["hosts", 2]) }),
    },
    {
      id: "idle",
      what: `CPU time that an idle cluster of ${ranks} ranks and 2 host processes uses, per second`,
      unit: "ms",
      better: "less",
      limit: { median: 1 },
      ours: () => ({ sample: idleCpu }),
    },
    {
      id: "memory",
      what: "memory of one more rank in a process",
      unit: "MB",
      better: "less",
      limit: { median: 15 },
      ours: () => ({ sample: () => (memoryOf("one-job", 17) - memoryOf("one-job", 1)) / 16 }),
      peers: [
        {
          name: "an empty worker thread",
          open: () => ({ sample: () => (memoryOf("empty-threads", 17) - memoryOf("empty-threads", 1)) / 16 }),
        },
      ],
    },
  ],
};

/** ms from the start of a Node process to its exit. */
async function timed(file, args) {
  const start = performance.now();
  await promisify(execFile)(process.execPath, [file, ...args.map(String)]);
  return performance.now() - start;
}

/** Resident memory at its end, in MB. */
function memoryOf(name, threads) {
  return (
    Number(execFileSync(process.execPath, [program(name), "threads", String(threads)], { encoding: "utf8" })) / 1e6
  );
}

/** Of the driver and its host processes, by the operating system's count: in ticks of 10 ms, hence the seconds of waiting. */
async function idleCpu() {
  const { launchCluster } = await import("mpits");
  const { tiny } = await import("../kernels/small.mjs");
  const cluster = await launchCluster({ hosts: ["localhost", "localhost"], perNodeCores: 2 });
  await cluster.spawn(tiny, { parts: ranks }).result;
  await new Promise((resolve) => setTimeout(resolve, 1000)); // garbage and compilers of the job
  const pids = cluster.getSnapshot().hosts.map(({ pid }) => pid);
  const before = pids.map(ticksOf);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const ticks = pids.map(ticksOf).reduce((sum, now, i) => sum + now - before[i], 0);
  await cluster.close();
  return (ticks * 10) / (idleMs / 1000);
}

/** User and system time of a process and all its threads, in ticks. */
function ticksOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
