// π by Monte Carlo with a user's own functions, on one core: samples a second.
import { monteCarloKernel as kernel } from "../../dist/kernels/monte-carlo/monte-carlo.js";
import { needs, pythonPeer } from "../support/peers.mjs";

export default {
  title: "Monte Carlo π with the user's functions, samples a second on one core",
  rows: [
    {
      id: "pi",
      what: "π, one core",
      unit: "samples/s",
      better: "more",
      ours: () => ({ sample: ourRate }),
      peers: [
        { name: "numpy, chunks of 1e6", needs: needs.numpy, reach: 1, open: () => peer("numpy", 2e7, 1e6) },
        { name: "numpy, chunks of 8192", needs: needs.numpy, reach: 0.5, open: () => peer("numpy", 40_960_000, 8192) },
        { name: "plain Python", needs: needs.python, reach: 8, open: () => peer("plain", 2e6) },
      ],
    },
  ],
};

const peer = (...args) => pythonPeer("monte_carlo.py", args);
const rank = {
  rank: 0,
  size: 1,
  host: "",
  threads: 1,
  cancelRequested: () => false,
  raiseIfCancelled() {},
  progress() {},
};

/** The kernel as a rank runs it, without the way there and back. */
async function ourRate() {
  const sampleFn = (rng) => {
    const x = rng.random();
    const y = rng.random();
    return x * x + y * y <= 1;
  };
  const input = kernel.prepare({ n: 4e7, seed: 7, sampleFn, evalFn: (inside) => (inside ? 4 : 0) });
  const start = performance.now();
  const partials = [...kernel.scatter(input, { size: 1, hosts: [""] })].map((part) => kernel.compute(part, rank));
  const each = (async function* () {
    yield* partials;
  })();
  const result = await kernel.reduce(each, input, {});
  const seconds = (performance.now() - start) / 1000;
  if (Math.abs(result.mean - Math.PI) > 0.01) throw new Error(`not π: ${result.mean}`);
  return input.n / seconds;
}
