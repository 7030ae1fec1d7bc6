// Kernels whose work is next to nothing: what is measured with them is the runtime.
import { cancelRequested, defineKernel, forRank } from "mpits";

/** One number per part: there and back. */
export const tiny = defineKernel({
  name: "tiny",
  *scatter({ parts }) {
    for (let part = 0; part < parts; part++) yield part;
  },
  compute: (part) => part + 1,
  async reduce(partials) {
    let sum = 0;
    for await (const partial of partials) sum += partial;
    return sum;
  },
});

/** About a millisecond of arithmetic, as kernels are told to do between two looks at the cancel flag. */
export function slice() {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

/** The last rank finds something after `afterMs`; all others search until they are cancelled. The result is when it was found. */
export const search = defineKernel({
  name: "search",
  order: "arrival",
  *scatter({ afterMs }, world) {
    for (let rank = 0; rank < world.size; rank++)
      yield forRank(rank, { afterMs: rank === world.size - 1 ? afterMs : Number.POSITIVE_INFINITY });
  },
  compute({ afterMs }) {
    const end = performance.now() + afterMs;
    while (performance.now() < end && !cancelRequested()) slice();
    return process.hrtime.bigint(); // one clock for all threads and processes of a machine
  },
  async reduce(partials) {
    for await (const foundNs of partials) return foundNs;
  },
});

/** Waits, without using a core, until it is cancelled. */
export const wait = defineKernel({
  name: "wait",
  *scatter(_, world) {
    for (let rank = 0; rank < world.size; rank++) yield forRank(rank, null);
  },
  compute() {
    const word = new Int32Array(new SharedArrayBuffer(4));
    while (!cancelRequested()) Atomics.wait(word, 0, 0, 1);
  },
  async reduce(partials) {
    for await (const _ of partials);
  },
});
