// Trial division: odd divisors tested a second on one core, ours against loops that gcc compiles here and against plain Python; and
// whole jobs on two ranks, against one rank and against Python's processes.
import { launchCluster } from "mpits";
import { integerSqrt } from "../../dist/kernels/prime/integer-sqrt.js";
import { primeSearch } from "../../dist/kernels/prime/prime-search.js";
import { findOddDivisor } from "../../dist/kernels/prime/trial-division.js";
import { cProgram, needs, pythonPeer } from "../support/peers.mjs";

const sampleMs = 300;
const prime64 = 2n ** 64n - 59n;
const prime70 = 2n ** 70n - 35n;
const root100 = integerSqrt(2n ** 100n);

const rate = { unit: "divisors/s", better: "more" };

export default {
  title: "Trial division, odd divisors a second",
  rows: [
    row("2^53", "n = 2^53 − 111, all of 3 … √n", 2n ** 53n - 111n, 3n, integerSqrt(2n ** 53n), {
      remainder: 15,
      doubles: 4,
    }),
    row("2^64", "n = 2^64 − 59, all of 3 … √n", prime64, 3n, integerSqrt(2n ** 64n), { remainder: 15 }),
    row("2^100-low", "n = 2^100 − 15, the exact first 0.002 % of the range", 2n ** 100n - 15n, 3n, root100, {
      remainder: undefined,
    }),
    row("2^100-high", "n = 2^100 − 15, from 0.7 √n on", 2n ** 100n - 15n, (root100 * 7n) / 10n, root100, {
      remainder: 15,
    }),
    {
      id: "2-ranks",
      what: "is 2^64 − 59 prime, the whole job, 2 ranks",
      ...rate,
      ours: () => openJob(prime64, 2, 10),
      peers: [
        { name: "mpits, 1 rank", reach: 1.9, open: () => openJob(prime64, 1, 10) },
        python("2 processes", prime64, 3n, integerSqrt(prime64), 2),
      ],
    },
    {
      id: "2-ranks-longer",
      what: "is 2^70 − 35 prime, a job that takes nine times as long, 2 ranks",
      ...rate,
      ours: () => openJob(prime70, 2, 2),
      peers: [{ name: "mpits, 1 rank", open: () => openJob(prime70, 1, 2) }],
    },
  ],
};

/** Trial division as a beginner writes it, by `n % d`. */
function python(how, n, from, to, processes) {
  const open = () => pythonPeer("trial_division.py", [n, from, to, processes]);
  return { name: `plain Python, ${how}`, needs: needs.python, open };
}

function row(id, what, n, from, to, reaches) {
  const peers = Object.entries(reaches).map(([kind, reach]) => ({
    name: `C, ${kind}`,
    needs: needs.gcc,
    reach,
    open: () => openC(kind, n, from, to),
  }));
  peers.push(python("remainder", n, from, to, 1));
  const ours = () => ({ sample: () => ourRate(n, from, to) });
  return { id, what: `${what}, one core`, ...rate, ours, peers };
}

/** Repeats short searches, and ends long ones. */
function ourRate(n, from, to) {
  const start = performance.now();
  const enough = () => performance.now() - start > sampleMs;
  let tested = 0;
  while (!enough()) tested += findOddDivisor(n, from, to, enough).tested;
  return (tested / (performance.now() - start)) * 1000;
}

function openC(kind, n, from, to) {
  const { run, close } = cProgram("trial-division.c", ["-O3", "-mavx2"]);
  const words = [n >> 64n, BigInt.asUintN(64, n), from, to];
  return { sample: () => Number(run(kind, ...words).split(" ")[0]), close };
}

/** A prime has no early exit: every odd number up to √n is settled. */
async function openJob(n, ranks, jobsPerSample) {
  const cluster = await launchCluster({ perNodeCores: ranks });
  const rateOfJob = async () => {
    const start = performance.now();
    const { prime, tested } = await cluster.spawn(primeSearch, { n }).result;
    if (!prime) throw new Error(`${n} is prime`);
    return (tested / (performance.now() - start)) * 1000;
  };
  const sample = async () => {
    const rates = [];
    for (let job = 0; job < jobsPerSample; job++) rates.push(await rateOfJob());
    return rates;
  };
  return { sample, close: () => cluster.close() };
}
