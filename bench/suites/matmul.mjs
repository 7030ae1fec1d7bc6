// The matrix product: all included against numpy, our own kernel alone on one core, and over the network against MPI.
import { launchCluster } from "mpits";
import { findBlas } from "../../dist/kernels/matmul/blas/blas-of-thread.js";
import { multiplyBlock } from "../../dist/kernels/matmul/block.js";
import { engineOf, hasFusedMultiplyAdd } from "../../dist/kernels/matmul/engine.js";
import { matMulKernel } from "../../dist/kernels/matmul/matmul.js";
import { sideBySide, stacked } from "../../dist/kernels/matmul/operand.js";
import { partition, trafficByHost } from "../../dist/kernels/matmul/partition.js";
import { openBlasHalves } from "../peers/blas-halves.mjs";
import { openExchange } from "../peers/zeromq.mjs";
import { loopbackHosts } from "../support/loopback-hosts.mjs";
import { cProgram, needs, pythonPeer } from "../support/peers.mjs";

const one = 2048;
const two = 4096;
const numpy = (n, threads, reach) => ({
  name: `numpy, ${threads} ${threads === 1 ? "thread" : "threads"}`,
  needs: needs.numpy,
  ...(reach && { reach }),
  open: () => pythonPeer("matmul.py", [n, threads]),
});
const mpi4py = {
  name: "mpi4py over tcp, 2 processes",
  needs: needs.mpi4py,
  reach: 1.5,
  open: () =>
    pythonPeer("matmul_mpi4py.py", [one], ["mpirun", "--allow-run-as-root", "--mca", "btl", "tcp,self", "-n", "2"]),
};

// Limits: what keeps a row from its aim, measured beside it.
const vectors = (words, contract) => ({
  name: `128-bit ${words} in registers only, C`,
  needs: needs.gcc,
  open: () => openVectors(contract),
});
const halves = (n, other) => ({
  name: `the same BLAS alone, a half here and a half in another ${other}`,
  open: () => openBlasHalves(n, other),
});
const bytesAlone = (curve) => ({
  name: `zeromq.js alone moves these bytes${curve ? ", CURVE" : ""}`,
  open: () => openBytesAlone(curve),
});

const rate = { unit: "GFLOP/s", better: "more" };

export default {
  title: "Matrix product of doubles",
  rounds: 9,
  rows: [
    {
      id: "4096",
      what: `matMul ${two}², 2 ranks, all included`,
      ...rate,
      ours: () => openJob(two, { perNodeCores: 2 }),
      peers: [numpy(two, 2, 0.9), halves(two, "thread")],
    },
    {
      id: "4096-one-rank",
      what: `matMul ${two}², 1 rank of 2 threads, all included`,
      ...rate,
      ours: () => openJob(two, { perNodeCores: 1, perNodeThreads: 2 }),
      peers: [numpy(two, 2)],
    },
    {
      id: "kernel-blas",
      what: `${one}², one core, kernel only, BLAS`,
      ...rate,
      ours: async () => {
        const { blas } = await findBlas("");
        blas?.setThreads(1);
        return openKernel({ blas });
      },
      peers: [numpy(one, 1)],
    },
    {
      id: "kernel-fma",
      what: `${one}², one core, kernel only, WASM with relaxed SIMD`,
      ...rate,
      ours: () => openKernel({ engine: hasFusedMultiplyAdd() && engineOf("fma") }),
      peers: [numpy(one, 1, 0.5), vectors("fused multiply-adds", "fast")],
    },
    {
      id: "kernel-simd",
      what: `${one}², one core, kernel only, WASM`,
      ...rate,
      ours: () => openKernel({ engine: engineOf("simd") }),
      peers: [numpy(one, 1, 0.4), vectors("multiplications and additions", "off")],
    },
    {
      id: "tcp",
      what: `matMul ${one}², 2 host processes over tcp, encrypted as always, all included`,
      ...rate,
      ours: () => openOverTcp({}),
      peers: [mpi4py, halves(one, "process"), bytesAlone(true)],
    },
    {
      id: "tcp-insecure",
      what: `the same in the clear`,
      ...rate,
      ours: () => openOverTcp({ insecure: true, logLevel: "error" }),
      peers: [mpi4py, halves(one, "process"), bytesAlone(false)],
    },
    {
      id: "bytes",
      what: "rank 0's bytes of a product over 3 hosts, against the lower bound",
      unit: "× the bound",
      better: "less",
      limit: { median: 1.02 },
      ours: openBytes,
    },
  ],
};

function randomMatrix(n) {
  return { shape: [n, n], data: Float64Array.from({ length: n * n }, Math.random) };
}

async function openJob(n, options) {
  const cluster = await launchCluster(options);
  const [a, b] = [randomMatrix(n), randomMatrix(n)];
  const sample = async () => {
    const start = performance.now();
    const c = await cluster.spawn(matMulKernel, { a, b }).result;
    return checked(n, a, b, c.data, performance.now() - start);
  };
  return { sample, close: () => cluster.close() };
}

function openKernel(how) {
  if (!Object.values(how)[0]) throw new Error("this machine has no such thing");
  const [a, b] = [randomMatrix(one), randomMatrix(one)];
  const sample = () => {
    const start = performance.now();
    const operands = [stacked([a.data], one), sideBySide([b.data], one)];
    const c = multiplyBlock(...operands, "float64", { small: false, step() {}, ...how });
    return checked(one, a, b, c, performance.now() - start);
  };
  return { sample };
}

async function openOverTcp(options) {
  const { hosts, close } = await loopbackHosts(1);
  const job = await openJob(one, { hosts, perNodeCores: 1, ...options });
  return { sample: job.sample, close: () => job.close().then(close) };
}

function openVectors(contract) {
  const flags = ["-O2", "-march=native", "-fno-tree-vectorize", "-fno-tree-slp-vectorize", `-ffp-contract=${contract}`];
  const { run, close } = cProgram("vectors.c", flags);
  return { sample: () => Number(run()), close };
}

/** Half of a and all of b, and half of c back, in 16 messages each way. GFLOP/s, as if the product took no time. */
async function openBytesAlone(curve) {
  const [out, back, messages] = [one * one * 12, one * one * 4, 16];
  const { sample, close } = await openExchange(messages, out / messages, back / messages, curve);
  return { sample: async () => (2 * one ** 3) / (await sample()) / 1e6, close };
}

/** What crosses between processes; the driver's own rank needs no network. */
async function openBytes() {
  const [m, k, n] = [600, 500, 700];
  const cluster = await launchCluster({ hosts: ["localhost", "localhost"], perNodeCores: 2 });
  const matrix = (rows, cols) => ({ shape: [rows, cols], data: new Float64Array(rows * cols).fill(1) });
  const input = { a: matrix(m, k), b: matrix(k, n) };
  const names = cluster.getSnapshot().ranks.map(({ host }) => host);
  const shape = { m, k, n, aBytes: 8, bBytes: 8, cBytes: 8 };
  const bound = [...trafficByHost(partition(shape, names), names)].filter(([host]) => host !== names[0]);
  const least = bound.reduce((sum, [, { panelBytes, blockBytes }]) => sum + panelBytes + blockBytes, 0);
  const sample = async () => {
    const job = cluster.spawn(matMulKernel, input);
    await job.result;
    const others = Object.entries(job.stats.byHost).filter(([host]) => host !== names[0]);
    return others.reduce((sum, [, { sent, received }]) => sum + sent.bytes + received.bytes, 0) / least;
  };
  return { sample, close: () => cluster.close() };
}

/** GFLOP/s, when one element is right. */
function checked(n, a, b, c, tookMs) {
  const [i, j] = [n >> 1, Math.floor(n / 3)];
  let sum = 0;
  for (let p = 0; p < n; p++) sum += a.data[i * n + p] * b.data[p * n + j];
  if (Math.abs(c[i * n + j] - sum) > 1e-9 * n) throw new Error(`the product is wrong: ${c[i * n + j]}, not ${sum}`);
  return (2 * n ** 3) / tookMs / 1e6;
}
