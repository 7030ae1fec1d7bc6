/** Finds a kernel by module and name inside a compute thread, importing the module once. */
import { KernelError } from "../errors.ts";
import { findKernel, type Kernel, kernelDefined, kernelNamesOf } from "../kernels/define-kernel.ts";
import { isQuiet } from "./event-loop.ts";
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

/** Looks for a kernel that its module defines late are so far apart, in ms. */
const lookEveryMs = 100;
/**
 * So many looks a module has, once it has loaded, to define its kernel (after an `await` in a function that it calls): in any case, and at most
 * while something of it is under way. Looks and not time: a thread that was held up has not waited.
 */
const looks = { least: 10, most: 150 };

const loading = new Map<string, Promise<unknown>>();

interface KernelRef {
  readonly name: string;
  readonly module: string;
}

/**
 * The kernel; a promise of it where its module has to be loaded first.
 * @throws KernelError when the module does not load or defines no such kernel (the promise rejects)
 */
export function loadKernel(ref: KernelRef): Kernel<unknown> | Promise<Kernel<unknown>> {
  return findKernel(ref.module, ref.name) ?? kernelOfModule(ref);
}

async function kernelOfModule(ref: KernelRef): Promise<Kernel<unknown>> {
  await importModule(ref);
  const kernel = findKernel(ref.module, ref.name) ?? (await definedLate(ref));
  if (!kernel) throw new KernelError(notFound(ref), { kernel: ref.name });
  return kernel;
}

/** CommonJS programs get mpits by `await import`, and so can't define a kernel before their module has loaded. */
async function definedLate({ module, name }: KernelRef): Promise<Kernel<unknown> | undefined> {
  const defined = kernelDefined(module, name);
  for (let look = 0; look < looks.least || (look < looks.most && !isQuiet()); look++) {
    let timer: NodeJS.Timeout | undefined;
    const soon = new Promise((resolve) => {
      timer = setTimeout(resolve, lookEveryMs).unref(); // it must not count as something of the module's
    });
    await Promise.race([defined, programParked, soon]);
    clearTimeout(timer);
    const kernel = findKernel(module, name);
    if (kernel || parked) return kernel;
  }
  return undefined;
}

async function importModule({ name, module }: KernelRef): Promise<void> {
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

function notFound({ name, module }: KernelRef): string {
  const names = kernelNamesOf(module);
  const has = names.length > 0 ? `it defines ${names.join(", ")}` : "it defines none";
  const hint = parked
    ? "The module stopped in the compute thread at its first call of the runtime, such as launchCluster: define the kernel before it."
    : "Define it at the module's top level; where a function of another file defines it, pass that module: import.meta.url.";
  return `${module} was loaded, but does not define a kernel named "${name}" (${has}). ${hint}`;
}
