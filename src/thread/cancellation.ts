/**
 * `cancelRequested` and `raiseIfCancelled`, for kernels and the functions that users hand to them. In a compute thread they
 * read the rank's shared memory; anywhere else nothing is ever cancelled.
 */

/** What the thread's runtime provides. One per thread, even where two copies of this package are loaded. */
interface ThreadScope {
  cancelRequested: () => boolean;
  /** Called when the program's own code calls the runtime in a compute thread; see `parkInComputeThread`. */
  park: (() => void) | undefined;
}

const key = Symbol.for("mpits.threadScope");
const holder = globalThis as { [key]?: ThreadScope };
holder[key] ??= { cancelRequested: () => false, park: undefined };
const scope = holder[key];

/** Ends a part of a cancelled job; the runtime expects it and reports nothing. */
export class CancelledInKernel extends Error {
  override readonly name = "CancelledInKernel";
  readonly code = "MPITS_CANCELLED_IN_KERNEL";
  constructor() {
    super("the job was cancelled.");
  }
}

/** True as soon as the job that this thread computes was cancelled. Always false outside a kernel. Costs a few nanoseconds. */
export function cancelRequested(): boolean {
  return scope.cancelRequested();
}

/** Ends the kernel by a throw when its job was cancelled. Let it pass through. */
export function raiseIfCancelled(): void {
  if (scope.cancelRequested()) throw new CancelledInKernel();
}

/** For the compute thread's runtime: what the two functions ask, and what happens when the program calls the runtime. */
export function enterComputeThread(provided: { cancelRequested: () => boolean; park: () => void }): void {
  Object.assign(scope, provided);
}

/**
 * In a compute thread, a promise that never settles; elsewhere undefined. A thread loads the user's module only to find its
 * kernels: when that module is the program itself, it stops here, at its first call of the runtime, instead of running again.
 */
export function parkInComputeThread(): Promise<never> | undefined {
  if (!scope.park) return undefined;
  scope.park();
  return new Promise(() => {});
}

/** True in a compute thread. */
export function inComputeThread(): boolean {
  return scope.park !== undefined;
}
