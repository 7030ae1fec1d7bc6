/** A kernel for jobs on played hosts: it collects the partials, unless it is told otherwise. */
import type { Kernel } from "../../src/kernels/define-kernel.ts";

export type AnyKernel = Kernel<unknown, unknown, unknown, unknown>;

export function collecting(given: Partial<AnyKernel>): AnyKernel {
  return {
    name: "k",
    module: "file:///k.js",
    order: "part",
    together: false,
    scatter: () => [],
    compute: (part) => part,
    async reduce(partials) {
      const all = [];
      for await (const partial of partials) all.push(partial);
      return all;
    },
    ...given,
  };
}

/** The parts 0 to `to` − 1. */
export function* count(to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}
