// The main job: the three seed kernels on all cores of this machine, and what happens when one rank finds what all look for.
// `npm start` runs it. The same program runs on several machines: give configureInfra their names in `hosts`.
import { configureInfra, isPrime, launchCluster, matMul, monteCarlo, primeSearch, shutdown } from "mpits";

configureInfra({ timeJob: true, progressToTerminal: process.stderr.isTTY === true });

console.log("isPrime: trial division by every odd number up to the square root, split over the ranks");
for (const n of [999983, 2n ** 61n - 1n, 2n ** 64n - 59n, 4294967291n * 4294967279n]) {
  console.log(`  ${n} is ${(await isPrime(n)) ? "prime" : "composite"}`);
}

console.log("matMul: 2-D blocks, each rank gets the row and column panels that it needs");
const n = 1000;
const a = { shape: [n, n], data: Float64Array.from({ length: n * n }, (_, i) => ((i * 7) % 11) - 5) };
const identity = { shape: [n, n], data: Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)) };
const product = await matMul(a, identity);
console.log(`  A · I = A for ${n} × ${n} doubles: ${product.data.every((value, i) => value === a.data[i])}`);

console.log("monteCarlo: your own functions, the same bits on any number of ranks");
const pi = await monteCarlo(
  10_000_000,
  (rng) => rng.random() ** 2 + rng.random() ** 2,
  (distance) => (distance < 1 ? 4 : 0),
  { seed: 1 },
);
console.log(`  π ≈ ${pi.mean.toFixed(5)} ± ${pi.stderr.toFixed(5)} from ${pi.samples.toLocaleString("en")} samples`);
await shutdown();

console.log("early exit: the first divisor ends the search on every rank");
const cluster = await launchCluster({ perNodeCores: 4 });
const job = cluster.spawn(primeSearch, { n: 3221225479n * 4294967291n });
const states = Array.from({ length: cluster.size }, () => []);
job.subscribe(({ ranks }) => {
  for (const { rank, state } of ranks) if (states[rank].at(-1) !== state) states[rank].push(state);
});
const { divisor, tested, othersWentOnMs } = await job.result;
for (const [rank, seen] of states.entries()) console.log(`  rank ${rank}: ${seen.join(" → ")}`);
console.log(
  `  ${divisor} divides; ${tested.toLocaleString("en")} odd divisors tested in ${job.stats.elapsedMs.toFixed(0)} ms, ` +
    `the others went on for ${othersWentOnMs.toFixed(1)} ms`,
);
