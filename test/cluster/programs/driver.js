// A driver whose faults are tested: launches a cluster, runs the jobs that its stdin names (a line of JSON each), and tells on
// stdout what happens and when (ms since 1970). It closes the cluster and ends when its stdin does.
import { createInterface } from "node:readline";
import { launchCluster, matMulKernel, monteCarloKernel, primeSearch } from "mpits";

function tell(event, details = {}) {
  process.stdout.write(`${JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...details })}\n`);
}

const kernels = {
  prime: ({ n }) => [primeSearch, { n: BigInt(n) }, ({ prime }) => prime],
  matmul({ size, seed = 1 }) {
    const [a, b] = [wholes(size, seed), wholes(size, seed + 1)];
    return [matMulKernel, { a, b }, (c) => isProduct(a, b, c)];
  },
  monteCarlo: ({ samples, expected }) => [
    monteCarloKernel,
    {
      n: samples,
      seed: 7,
      sampleFn: (rng) => rng.random() ** 2 + rng.random() ** 2,
      evalFn: (distance) => (distance < 1 ? 4 : 0),
    },
    (result) => expected === undefined || JSON.stringify(result) === expected,
  ],
};

/** Small whole numbers: every sum of products is exact. */
function wholes(size, seed) {
  let x = seed;
  const data = Float64Array.from({ length: size * size }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >> 16) % 64;
  });
  return { shape: [size, size], data };
}

/** c · v = a · (b · v) for a v of whole numbers, exactly (R. Freivalds, 1977). */
function isProduct(a, b, c) {
  const size = a.shape[0];
  const v = Float64Array.from({ length: size }, (_, i) => (i * 7919) % 101);
  const times = ({ data }, x) =>
    x.map((_, i) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += data[i * size + j] * x[j];
      return sum;
    });
  const [wanted, got] = [times(a, times(b, v)), times(c, v)];
  return wanted.every((value, i) => value === got[i]);
}

async function run(cluster, { kernel: name, ...details }) {
  const [kernel, input, isRight] = kernels[name](details);
  const job = cluster.spawn(kernel, input);
  const seen = new Set();
  const lost = new Set();
  job.subscribe(({ ranks }) => {
    for (const rank of ranks) {
      if (rank.state === "computing" && !seen.has(rank.rank)) {
        seen.add(rank.rank);
        if (seen.size === ranks.length) tell("computing");
      }
      if (rank.lost !== undefined && !lost.has(rank.rank)) {
        lost.add(rank.rank);
        tell("lost", { host: rank.host, rank: rank.rank, why: rank.lost });
      }
    }
  });
  try {
    const result = await job.result;
    tell("settled", { right: isRight(result), result: name === "matmul" ? undefined : textOf(result) });
  } catch (error) {
    tell("settled", { right: false, error: { name: error.name, message: error.message } });
  }
  const { elapsedMs, byHost, partsAgain } = job.stats;
  tell("stats", { elapsedMs, byHost, partsAgain, hosts: cluster.getSnapshot().hosts });
}

function textOf(value) {
  return JSON.stringify(value, (_key, each) => (typeof each === "bigint" ? String(each) : each));
}

try {
  const cluster = await launchCluster(JSON.parse(process.argv[2]));
  tell("up", { hosts: cluster.getSnapshot().hosts });
  for await (const line of createInterface({ input: process.stdin })) await run(cluster, JSON.parse(line));
  await cluster.close();
  tell("closed");
} catch (error) {
  const { name, message, host, phase } = error;
  tell("failed", { name, message, host, phase });
}
