/**
 * The jobs that the faults befall. Their driver knows the right result, and while its ranks compute each takes longer by far, on two cores
 * of today, than a fault takes to strike.
 */
import { Driver } from "./driver.ts";

export const kernels = ["prime", "matmul", "monteCarlo"] as const;
export type KernelName = (typeof kernels)[number];

/** What the driver needs to run it. */
export type Workload = { readonly kernel: KernelName; readonly details: object };

/**
 * @param brief a shorter job, for a fault that is there from the beginning
 * @param matrixSize rows and columns of the matrices
 */
export async function workload(kernel: KernelName, brief: boolean, matrixSize = 2800): Promise<Workload> {
  switch (kernel) {
    case "prime":
      return { kernel, details: { n: String(brief ? 2n ** 68n - 23n : 2n ** 74n - 35n) } };
    case "matmul":
      return { kernel, details: { size: matrixSize } };
    case "monteCarlo": {
      const samples = brief ? 10_000_000 : 240_000_000;
      return { kernel, details: { samples, expected: await onThisMachine(samples) } };
    }
  }
}

const expected = new Map<number, Promise<string>>();

/** The result of the same seed without any host, which must be the same to the bit. */
function onThisMachine(samples: number): Promise<string> {
  const known = expected.get(samples) ?? compute(samples);
  expected.set(samples, known);
  return known;
}

async function compute(samples: number): Promise<string> {
  const driver = new Driver({ hosts: [], perNodeCores: 2 });
  driver.job("monteCarlo", { samples });
  driver.finish();
  return (await driver.on("settled")).result!;
}
