// The runtime's own cost: jobs whose kernels do next to nothing, warm, and how fast a job that is decided comes to its end.
import { availableParallelism } from "node:os";
import { launchCluster } from "mpits";
import { search, tiny } from "../kernels/small.mjs";
import { needs, pythonPeer } from "../support/peers.mjs";
import { openPiscina } from "../support/piscina-pool.mjs";

const ranks = 4;
const jobs = 200;
const manyParts = 10_000;
const onThreads = { perNodeCores: ranks };
const onHosts = { hosts: ["localhost", "localhost"], perNodeCores: 2 };
/** Busy ranks, one on each core: with more of them, what is measured is the operating system's time slices. */
const cores = availableParallelism();
const busyThreads = { perNodeCores: cores };
const busyHosts = { hosts: ["localhost"], perNodeCores: cores - 1 || 1 };

export default {
  title: "Dispatch: jobs that do next to nothing, early exit and cancel",
  rows: [
    {
      id: "tiny-job",
      what: `warm tiny job, ${ranks} ranks`,
      unit: "ms",
      better: "less",
      limit: { median: 1 },
      ours: () => openTiny(onThreads),
      peers: [
        {
          name: "dask.distributed",
          needs: needs.dask,
          reach: 10,
          open: () => pythonPeer("dispatch_dask.py", [ranks, ranks, 30]),
        },
        {
          name: "piscina.run",
          needs: needs.piscina,
          reach: 1,
          open: () => piscinaJobs(jobs, ranks),
        },
        {
          name: "multiprocessing.Pool",
          needs: needs.python,
          open: () => pythonPeer("dispatch_pool.py", [ranks, ranks, jobs]),
        },
      ],
    },
    {
      id: "tiny-job-hosts",
      what: "warm tiny job, 2 host processes of 2 ranks",
      unit: "ms",
      better: "less",
      ours: () => openTiny(onHosts),
    },
    {
      id: "many-parts",
      what: `${manyParts} tiny parts, ${ranks} ranks`,
      unit: "ms",
      better: "less",
      limit: { median: manyParts / 50 }, // 50,000 parts a second
      ours: openManyParts,
      peers: [
        { name: "piscina.run", needs: needs.piscina, open: () => piscinaJobs(5, manyParts) },
        {
          name: "multiprocessing.Pool",
          needs: needs.python,
          open: () => pythonPeer("dispatch_pool.py", [ranks, manyParts, 5]),
        },
      ],
    },
    {
      id: "early-exit",
      what: `early exit: find → last rank idle, a rank per core, one process`,
      unit: "ms",
      better: "less",
      limit: { median: 3, p99: 10 },
      ours: () => openEarlyExit(busyThreads),
    },
    {
      id: "early-exit-hosts",
      what: "early exit: find → last rank idle, a rank per core, two processes",
      unit: "ms",
      better: "less",
      limit: { median: 3, p99: 10 },
      ours: () => openEarlyExit(busyHosts),
    },
    {
      id: "cancel",
      what: `cancel of busy ranks → all idle, a rank per core, one process`,
      unit: "ms",
      better: "less",
      limit: { median: 3 },
      ours: () => openCancel(busyThreads),
    },
  ],
};

async function openCluster(options, sample) {
  const cluster = await launchCluster(options);
  for (let job = 0; job < jobs; job++) await cluster.spawn(tiny, { parts: cluster.size }).result;
  return { sample: () => sample(cluster), close: () => cluster.close() };
}

function openTiny(options) {
  return openCluster(options, (cluster) => timed(jobs, () => cluster.spawn(tiny, { parts: cluster.size }).result));
}

function openManyParts() {
  return openCluster(onThreads, (cluster) => timed(5, () => cluster.spawn(tiny, { parts: manyParts }).result));
}

/** The find is timed at the rank, the end where the result settles: every rank has confirmed then. */
function openEarlyExit(options) {
  return openCluster(options, async (cluster) => {
    const times = [];
    for (let job = 0; job < 40; job++) {
      const foundNs = await cluster.spawn(search, { afterMs: 5 }).result;
      times.push(Number(process.hrtime.bigint() - foundNs) / 1e6);
    }
    return times;
  });
}

function openCancel(options) {
  return openCluster(options, async (cluster) => {
    const times = [];
    for (let run = 0; run < 40; run++) {
      const job = cluster.spawn(search, { afterMs: Number.POSITIVE_INFINITY });
      await allComputing(job);
      job.cancel("enough");
      times.push(...(await timed(1, () => job.result.catch(() => {}))));
    }
    return times;
  });
}

function allComputing(job) {
  return new Promise((resolve) => {
    const { unsubscribe } = job.subscribe(({ ranks: all }) => {
      if (!all.every(({ state }) => state === "computing")) return;
      unsubscribe();
      resolve();
    });
  });
}

/** What a job costs with piscina: `parts` tasks. */
function piscinaJobs(runs, parts) {
  return openPiscina(ranks, (pool) =>
    timed(runs, () => Promise.all(Array.from({ length: parts }, (_, part) => pool.run(part)))),
  );
}

/** ms of each run. */
async function timed(runs, run) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times;
}
