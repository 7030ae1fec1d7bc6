// The job that docs/inspector.md has pictures of: counts primes in uneven parts, and talks about it.
import { cancelRequested, defineKernel } from "mpits";

export const countPrimes = defineKernel({
  name: "countPrimes",
  scatter({ limit, parts }) {
    const edge = (part) => Math.round(limit * Math.sqrt(part / parts)); // uneven on purpose: an even job's picture shows nothing
    return Array.from({ length: parts }, (_, part) => ({ part, from: edge(part), to: edge(part + 1) }));
  },
  compute({ part, from, to }) {
    let count = 0;
    for (let n = Math.max(2, from); n < to; n++) {
      if (n % 1000 === 0 && cancelRequested()) break;
      if (isPrime(n)) count++;
    }
    if (part % 9 === 4) console.log(`${count} primes from ${from} to ${to}`);
    if (part % 40 === 20) console.error(`part ${part} is one of the small ones`);
    return count;
  },
  async reduce(partials) {
    let sum = 0;
    for await (const count of partials) sum += count;
    return sum;
  },
});

function isPrime(n) {
  if (n % 2 === 0) return n === 2;
  for (let d = 3; d * d <= n; d += 2) if (n % d === 0) return false;
  return true;
}

/** Every rank waits for its right neighbour, which waits for its own: nobody sends. */
export const ringOfReceives = defineKernel({
  name: "ringOfReceives",
  together: true,
  scatter: (_, { size }) => Array.from({ length: size }, (_, rank) => rank),
  compute: (_, { comm }) => comm.recv({ source: (comm.rank + 1) % comm.size, tag: 7, timeoutMs: 600_000 }),
  async reduce(partials) {
    for await (const _ of partials);
  },
});

/**
 * Heat on a torus of 4 columns: each rank tells its four neighbours its edges, row by row more, and all agree now and then how warm
 * it is; until the job is cancelled.
 */
export const heat = defineKernel({
  name: "heat",
  together: true,
  scatter: (_, { size }) => Array.from({ length: size }, (_, rank) => rank),
  async compute(_, { comm }) {
    const grid = comm.cartSync([comm.size / 4, 4], true);
    const edges = new Float64Array(4 * 200 * (1 + grid.coords()[0]));
    while (!cancelRequested()) {
      await grid.neighborAlltoall(edges);
      await grid.allreduce(Float64Array.of(comm.rank));
      for (const until = performance.now() + 5; performance.now() < until; );
    }
  },
  async reduce(partials) {
    for await (const _ of partials);
  },
});
