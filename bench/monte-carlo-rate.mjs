// π by Monte Carlo on one core: samples per second of our kernel, of numpy (large chunks and chunks that fit the cache) and of
// plain Python, in alternating runs; medians, and the median of the ratios. Build first.
// Usage: node bench/monte-carlo-rate.mjs [rounds]      Needs /usr/bin/python3 with numpy, or PYTHON=…
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const rounds = Number(process.argv[2] ?? 7);
const python = process.env.PYTHON ?? "/usr/bin/python3";

const NUMPY = `
import sys, time, numpy as np
total, chunk = int(sys.argv[1]), int(sys.argv[2])
rng, inside = np.random.default_rng(7), 0
start = time.perf_counter()
for _ in range(total // chunk):
    x = rng.random(chunk)
    y = rng.random(chunk)
    inside += int(np.count_nonzero(x * x + y * y <= 1))
took = time.perf_counter() - start
assert abs(4 * inside / total - 3.14159) < 0.01
print(total / took)
`;

const PLAIN_PYTHON = `
import sys, time, random
total, inside = int(sys.argv[1]), 0
random.seed(7)
start = time.perf_counter()
for _ in range(total):
    x = random.random()
    y = random.random()
    if x * x + y * y <= 1: inside += 1
took = time.perf_counter() - start
assert abs(4 * inside / total - 3.14159) < 0.05
print(total / took)
`;

/** A process of its own for every run, as for Python: nobody profits from what another run left warm. */
const OURS = `
const { monteCarloKernel: kernel } = await import(${JSON.stringify(new URL("../dist/kernels/monte-carlo/monte-carlo.js", import.meta.url).href)});
const sampleFn = (rng) => { const x = rng.random(); const y = rng.random(); return x * x + y * y <= 1; };
const input = kernel.prepare({ n: Number(process.argv[1]), seed: 7, sampleFn, evalFn: (inside) => (inside ? 4 : 0) });
const rank = { rank: 0, size: 1, host: "", threads: 1, cancelRequested: () => false, raiseIfCancelled() {}, progress() {} };
const start = performance.now();
const partials = [...kernel.scatter(input, { size: 1, hosts: [""] })].map((part) => kernel.compute(part, rank));
const result = await kernel.reduce((async function* () { yield* partials; })(), input, {});
const took = (performance.now() - start) / 1000;
if (Math.abs(result.mean - Math.PI) > 0.01) throw new Error("not pi: " + result.mean);
console.log(input.n / took);
`;

const contenders = {
  "mpits, one rank": () => run(process.execPath, ["--input-type=module", "-e", OURS, "4e7"]),
  "numpy, chunks of 1e6": () => run(python, ["-c", NUMPY, "20000000", "1000000"]),
  "numpy, chunks of 8192": () => run(python, ["-c", NUMPY, "40960000", "8192"]),
  "plain Python": () => run(python, ["-c", PLAIN_PYTHON, "2000000"]),
};

const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < rounds; round++)
  for (const [name, measure] of Object.entries(contenders)) rates[name].push(measure());

const ours = rates["mpits, one rank"];
for (const [name, values] of Object.entries(rates)) {
  // Each run of ours against the other's run of the same round: what disturbs the machine for minutes disturbs both.
  const ratio = median(values.map((rate, round) => ours[round] / rate));
  const best = Math.max(...ours) / Math.max(...values);
  console.log(
    `${name.padEnd(24)} median ${millions(median(values)).padStart(6)} M/s, best ${millions(Math.max(...values)).padStart(6)} M/s;  ` +
      `mpits is ${ratio.toFixed(2)} x (best against best ${best.toFixed(2)} x)`,
  );
}

function run(program, args) {
  return Number(execFileSync(program, args, { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)) }));
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function millions(rate) {
  return (rate / 1e6).toFixed(1);
}
