/** Finds a kernel by module and name inside a compute thread, importing the module once. */
import { KernelError } from "../errors.ts";
import { findKernel, type Kernel, kernelNamesOf } from "../kernels/define-kernel.ts";
import { registerTsx } from "./tsx-in-thread.ts";

/** Resolves when this thread's program called the runtime and was parked there: its module will never finish loading. */
let parked = false;
let park: () => void;
const programParked = new Promise<void>((resolve) => {
  park = resolve;
});

export function notePark(): void {
  parked = true;
  park();
}

const loading = new Map<string, Promise<unknown>>();

/** @throws KernelError when the module does not load or defines no such kernel. */
export async function loadKernel(ref: { name: string; module: string }): Promise<Kernel<unknown>> {
  const known = findKernel(ref.module, ref.name);
  if (known) return known;
  await importModule(ref);
  const kernel = findKernel(ref.module, ref.name);
  if (!kernel) throw new KernelError(notFound(ref), { kernel: ref.name });
  return kernel;
}

async function importModule({ name, module }: { name: string; module: string }): Promise<void> {
  let load = loading.get(module);
  if (!load) {
    load = registerTsx().then(() => import(module));
    loading.set(module, load);
  }
  try {
    await Promise.race([load, programParked]);
  } catch (cause) {
    throw new KernelError(
      `the module of kernel "${name}" does not load in a compute thread: ${module}: ${(cause as Error)?.message}`,
      {
        kernel: name,
        cause,
      },
    );
  }
}

function notFound({ name, module }: { name: string; module: string }): string {
  const names = kernelNamesOf(module);
  const has = names.length > 0 ? `it defines ${names.join(", ")}` : "it defines none";
  const hint = parked
    ? "The module stopped in the compute thread at its first call of the runtime, such as launchCluster: define the kernel before it."
    : "Define it at the module's top level.";
  return `${module} was loaded, but does not define a kernel named "${name}" (${has}). ${hint}`;
}
