/** The jobs that the faults befall. Each takes a second or two on two cores, and its driver knows the right result. */
import { Driver } from "./driver.ts";

export const kernels = ["prime", "matmul", "monteCarlo"] as const;
export type KernelName = (typeof kernels)[number];

const samples = 60_000_000;

/** What the driver needs to run it. */
export type Workload = { readonly kernel: KernelName; readonly details: object };

/** @param matrixSize rows and columns of the matrices */
export async function workload(kernel: KernelName, matrixSize = 2000): Promise<Workload> {
  switch (kernel) {
    case "prime":
      return { kernel, details: { n: String(2n ** 72n - 93n) } };
    case "matmul":
      return { kernel, details: { size: matrixSize } };
    case "monteCarlo":
      return { kernel, details: { samples, expected: await onThisMachine() } };
  }
}

let expected: Promise<string> | undefined;

/** The result of the same seed without any host, which must be the same to the bit. */
function onThisMachine(): Promise<string> {
  expected ??= (async () => {
    const driver = new Driver({ hosts: [], perNodeCores: 2 });
    driver.job("monteCarlo", { samples });
    driver.finish();
    return (await driver.on("settled")).result!;
  })();
  return expected;
}
