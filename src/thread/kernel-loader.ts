/** Finds a kernel by module and name inside a compute thread, importing the module once. */
import { pathToFileURL } from "node:url";
import { KernelError } from "../errors.ts";
import { findKernel, type Kernel, kernelNamesOf } from "../kernels/define-kernel.ts";

/** Resolves when this thread's program called the runtime and was parked there: its module will never finish loading. */
let parked: () => void;
const programParked = new Promise<void>((resolve) => {
  parked = resolve;
});

export function notePark(): void {
  parked();
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
    load = import(module);
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
  const self = module === pathToFileURL(process.argv[1] ?? "").href;
  const hint = self
    ? "Define it at the top level, before the program's first call of mpits."
    : "Define it at the module's top level.";
  return `${module} was loaded, but does not define a kernel named "${name}" (${has}). ${hint}`;
}
