// The OSU micro-benchmarks' set between ranks of one host and of two, next to mpi4py over shared memory and over TCP.
import { launchCluster } from "mpits";
import { osu } from "../kernels/osu.mjs";
import { openZeromq } from "../peers/zeromq.mjs";
import { loopbackHosts } from "../support/loopback-hosts.mjs";
import { needs, pythonPeer } from "../support/peers.mjs";

/** Where the ranks are, how Open MPI moves data there, and what of its speed ours is to reach. */
const places = {
  same: {
    words: "one host",
    options: (ranks) => ({ perNodeCores: ranks }),
    mpi: ["--mca", "btl", "vader,self"],
    transport: "shared memory",
  },
  cross: {
    words: "two host processes",
    options: (ranks) => ({ hosts: [{ host: "localhost", slots: ranks - 1 }] }),
    mpi: ["--mca", "btl", "tcp,self"],
    transport: "TCP",
  },
  tcp: {
    words: "two hosts by TCP in the clear",
    options: (ranks) => onTcp(ranks, { insecure: true, logLevel: "error" }),
    mpi: ["--mca", "btl", "tcp,self"],
    transport: "TCP",
  },
};

async function onTcp(ranks, more) {
  const { hosts, close } = await loopbackHosts(1);
  return { hosts: hosts.map((host) => ({ ...host, slots: ranks - 1 })), ...more, close };
}

const sizeText = (bytes) =>
  bytes >= 1 << 20 ? `${bytes >> 20} MiB` : bytes >= 1 << 10 ? `${bytes >> 10} KiB` : `${bytes} B`;

/** How often a step is done for one sample: about a tenth of a second. Between ranks that have a core each, steps are short. */
const timesFor = (bytes, short) =>
  Math.max(4, Math.min(short ? 20_000 : 2000, Math.round((64 << 20) / (bytes + (short ? 3_277 : 32_768)))));

function row(place, test, form, bytes, { ranks = 2, better = "less", reach = {}, peers = [] } = {}) {
  const { words, options, mpi, transport } = places[place];
  const times = timesFor(bytes, place === "same" && ranks === 2);
  const perSecond = better === "more";
  const given = (us) => (perSecond ? (bytes <= 8 ? 1e6 / us : bytes / us) : us);
  const peer = (theirForm) => ({
    name: `mpi4py ${theirForm}, ${transport}`,
    needs: needs.mpi4py,
    ...(reach[theirForm] && { reach: reach[theirForm] }),
    open: async () => {
      const launcher = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", ranks, ...mpi].map(String);
      const { sample, close } = await pythonPeer("osu.py", [test, theirForm, bytes, times], launcher);
      return { sample: async () => (await sample()).map(given), close };
    },
  });
  return {
    id: `${place}-${test}-${form}-${bytes}`,
    what: `${test}, ${sizeText(bytes)}, ${ranks} ranks on ${words}, ${form}`,
    unit: perSecond ? (bytes <= 8 ? "messages/s" : "MB/s") : "µs",
    better,
    ours: () => openOurs(options(ranks), { test, form, bytes, times }, given),
    peers: [
      ...(test === "bandwidth" || test === "biBandwidth" ? [peer("buffer")] : [peer("buffer"), peer("pickle")]),
      ...peers,
    ],
  };
}

/** What CURVE costs: the same with it, next to without. */
function curveRow(test, bytes, { better = "less" } = {}) {
  const times = timesFor(bytes, false);
  const given = (us) => (better === "more" ? bytes / us : us);
  const input = { test, form: "blocking", bytes, times };
  return {
    id: `curve-${test}-blocking-${bytes}`,
    what: `${test}, ${sizeText(bytes)}, 2 ranks on two hosts by TCP, encrypted (CURVE)`,
    unit: better === "more" ? "MB/s" : "µs",
    better,
    ours: () => openOurs(onTcp(2, {}), input, given),
    peers: [
      { name: "the same in the clear", open: () => openOurs(places.tcp.options(2), input, given) },
      zeromqAlone(test, bytes, true),
    ],
  };
}

/** V8 compiles what is hot while it runs, in threads that take time from the ranks' cores: that is over before the first sample. */
const warmUpMs = 700;

async function openOurs(pending, input, given) {
  const { close = () => {}, ...options } = await pending;
  const cluster = await launchCluster({ logLevel: "silent", ...options });
  for (const from = performance.now(); performance.now() - from < warmUpMs; ) await cluster.spawn(osu, input).result;
  return {
    sample: async () => given(await cluster.spawn(osu, input).result),
    async close() {
      await cluster.close();
      close();
    },
  };
}

/** The most that what is built on ZeroMQ could reach. */
const zeromqAlone = (test, bytes, curve) => ({
  name: `zeromq.js alone, TCP${curve ? ", CURVE" : ""}`,
  open: () => openZeromq(test, bytes, curve),
});

const KiB = 1 << 10;
const MiB = 1 << 20;
const rate = { better: "more" };

export default {
  title: "Messages between ranks: the OSU micro-benchmarks",
  rounds: 5,
  rows: [
    row("same", "latency", "blocking", 8, { reach: { buffer: 1 / 3 } }),
    row("same", "latency", "promises", 8, { reach: { pickle: 1 } }),
    row("same", "latency", "blocking", 4 * KiB),
    row("same", "latency", "blocking", 64 * KiB),
    row("same", "latency", "blocking", MiB),
    row("same", "bandwidth", "blocking", 8, rate),
    row("same", "bandwidth", "blocking", 64 * KiB, rate),
    row("same", "bandwidth", "blocking", 4 * MiB, { ...rate, reach: { buffer: 0.8 } }),
    row("same", "biBandwidth", "blocking", 4 * MiB, rate),
    row("cross", "latency", "blocking", 8),
    row("cross", "latency", "promises", 8),
    row("cross", "latency", "blocking", 64 * KiB),
    row("cross", "latency", "blocking", MiB),
    row("cross", "bandwidth", "blocking", 8, rate),
    row("cross", "bandwidth", "blocking", 64 * KiB, rate),
    row("cross", "bandwidth", "blocking", 4 * MiB, rate),
    row("cross", "biBandwidth", "blocking", 4 * MiB, rate),
    row("tcp", "latency", "blocking", 8, { peers: [zeromqAlone("latency", 8)] }),
    row("tcp", "bandwidth", "blocking", 4 * MiB, {
      ...rate,
      reach: { buffer: 0.8 },
      peers: [zeromqAlone("bandwidth", 4 * MiB)],
    }),
    curveRow("latency", 8),
    curveRow("bandwidth", 4 * MiB, rate),
    ...["bcast", "allreduce", "alltoall"].flatMap((test) => [
      row("same", test, "blocking", 8, { ranks: 4 }),
      row("same", test, "blocking", 64 * KiB, { ranks: 4 }),
      row("same", test, "promises", 64 * KiB, { ranks: 4 }),
      row("cross", test, "blocking", 64 * KiB, { ranks: 4 }),
    ]),
  ],
};
