// Much data out and back: how fast, and how much memory at rank 0 beyond what goes out and what comes back.
import { launchCluster } from "mpits";
import { doubled } from "../kernels/bulk.mjs";
import { loopbackHosts } from "../support/loopback-hosts.mjs";
import { needs, pythonPeer } from "../support/peers.mjs";

const mebi = 2 ** 20;
const large = 1024 * mebi;
const medium = 256 * mebi;
const partBytes = 8 * mebi;
const beyond = { unit: "MiB", better: "less", limit: { median: 256 } };
const rate = { unit: "GB/s", better: "more" };
const mpi4py = {
  name: "mpi4py over tcp, 3 processes",
  needs: needs.mpi4py,
  open: () =>
    pythonPeer(
      "bulk_mpi4py.py",
      [(medium / mebi) * 1.5],
      ["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca", "btl", "tcp,self", "-n", "3"],
    ),
};

export default {
  title: "Scatter and gather of much data: rank 0 and 2 host processes",
  rounds: 5,
  rows: [
    {
      id: "memory",
      what: "1 GiB out and 1 GiB back: memory at rank 0 beyond these two",
      ...beyond,
      ours: () => openMemory(onIpc),
    },
    {
      id: "memory-tcp",
      what: "the same over tcp, encrypted",
      ...beyond,
      ours: () => openMemory(onTcp),
    },
    { id: "rate", what: "256 MiB out and back, unix sockets", ...rate, ours: () => openRate(onIpc) },
    {
      id: "rate-tcp",
      what: "256 MiB out and back, tcp in the clear",
      ...rate,
      ours: () => openRate(() => onTcp({ insecure: true, logLevel: "error" })),
      peers: [mpi4py],
    },
    {
      id: "rate-curve",
      what: "256 MiB out and back, tcp, encrypted",
      ...rate,
      ours: () => openRate(onTcp),
      peers: [mpi4py],
    },
  ],
};

async function onIpc() {
  const cluster = await launchCluster({ hosts: ["localhost", "localhost"], perNodeCores: 1 });
  return { cluster, close: () => cluster.close() };
}

async function onTcp(options = {}) {
  const { hosts, close } = await loopbackHosts(2);
  const cluster = await launchCluster({ hosts, perNodeCores: 1, ...options });
  return { cluster, close: () => cluster.close().then(close) };
}

async function openRate(open) {
  const { cluster, close } = await open();
  const [data, into] = [new Float64Array(medium / 8).fill(1.5), new Float64Array(medium / 8)];
  const sample = async () => {
    const start = performance.now();
    await cluster.spawn(doubled, { data, into, partLength: partBytes / 8 }).result;
    const tookMs = performance.now() - start;
    checked(into);
    return (2 * medium) / tookMs / 1e6;
  };
  return { sample, close };
}

/** The most that the process had since it began, so that nothing passes unseen between two looks. */
async function openMemory(open) {
  const { cluster, close } = await open();
  const before = process.memoryUsage().rss;
  const [data, into] = [new Float64Array(large / 8).fill(1.5), new Float64Array(large / 8)];
  const sample = async () => {
    await cluster.spawn(doubled, { data, into, partLength: partBytes / 8 }).result;
    checked(into);
    return (process.resourceUsage().maxRSS * 1024 - before - 2 * large) / mebi;
  };
  return { sample, close };
}

function checked(into) {
  for (let i = 0; i < into.length; i += 1001) if (into[i] !== 3) throw new Error(`element ${i} is ${into[i]}, not 3`);
  into.fill(0);
}
