/**
 * What a kernel is: a distributed computation as scatter, compute and reduce. This file defines the contract and
 * `defineKernel`; it does not run anything. Kernels run inside compute threads; scatter and reduce run at the driver.
 */

import type { Communicator } from "../comm/communicator.ts";
import { expected, UsageError } from "../errors.ts";
import { absoluteUrl } from "../functions/from-module.ts";
import type { PlacedPart } from "./share.ts";

/** The ranks that a job runs on, as scatter sees them. */
export interface World {
  /** Number of ranks that will compute, 1 or more. */
  readonly size: number;
  /** The host name of each rank, by rank number. Ranks with the same name share memory. */
  readonly hosts: readonly string[];
}

/** What a kernel may ask of the rank that computes it. */
export interface RankContext {
  /** This rank's number, 0 to size − 1. */
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  /** Threads that this rank may use itself (`perNodeThreads` shared out), 1 or more. */
  readonly threads: number;
  /** True as soon as the job was cancelled. Costs a few nanoseconds; look about once a millisecond of work. */
  cancelRequested(): boolean;
  /** Throws when the job was cancelled; let it pass through, it ends the part quietly. */
  raiseIfCancelled(): void;
  /** The ranks of this job, for a kernel that is defined with `together: true`; any other has nobody to talk to. */
  readonly comm: Communicator;
  /** Says how far this part is: `done` of `total`, in units of the kernel's own (divisors, rows, samples). Costs nanoseconds. */
  progress(done: number, total?: number): void;
}

/** What reduce may ask of the job. */
export interface ReduceContext {
  readonly world: World;
  /**
   * Ends the job early: what still runs is cancelled by broadcast. Resolves when every rank is idle again, with the
   * time that took and the progress that each rank had made in this job in all, in the kernel's own units.
   */
  cancelRest(reason: string): Promise<{ readonly elapsedMs: number; readonly progressByRank: readonly number[] }>;
  /** Leaves word of how it was done in the job's statistics, under `stats.notes[name]`; a later word replaces an earlier one. */
  note(name: string, text: string): void;
}

/** A distributed computation. See `defineKernel`. */
export interface Kernel<Input = never, Part = unknown, Partial = unknown, Result = unknown> {
  readonly name: string;
  /** The file that defines it, as a URL; the compute threads import it from there. */
  readonly module: string;
  /** In which order reduce sees the partials: of the parts (reproducible, the default) or of arrival. */
  readonly order: "part" | "arrival";
  /**
   * One part per rank, all at once: the kernel's ranks talk to each other (`rank.comm`). Such a job fails when a rank is
   * lost, since the others wait for it.
   */
  readonly together: boolean;
  /** Checks the caller's input before anything is launched, and may normalise it. Throws `UsageError`. */
  readonly prepare?: (input: Input) => Input;
  /** Yields the parts lazily; `forRank(rank, part)` says where one belongs. */
  scatter(input: Input, world: World): Iterable<Part | PlacedPart<Part>> | AsyncIterable<Part | PlacedPart<Part>>;
  compute(part: Part, rank: RankContext): Partial | Promise<Partial>;
  reduce(partials: AsyncIterable<Partial>, input: Input, job: ReduceContext): Result | Promise<Result>;
}

/** What `defineKernel` takes: a kernel without what it finds out by itself. */
export type KernelDefinition<Input, Part, Partial, Result> = Omit<
  Kernel<Input, Part, Partial, Result>,
  "module" | "order" | "together"
> & {
  /** Default: the file that calls `defineKernel`. Pass `import.meta.url` where a bundler hides it. */
  readonly module?: string;
  /** Default `"part"`. */
  readonly order?: "part" | "arrival";
  /** Default false. */
  readonly together?: boolean;
};

const keys: readonly string[] = ["name", "scatter", "compute", "reduce", "prepare", "order", "together", "module"];

/** Kernels defined in this thread, by module and name; a compute thread finds its kernel here after importing the module. */
const defined = new Map<string, Kernel<never>>();
/** Whoever waits for one that is not defined yet. */
const awaited = new Map<string, () => void>();

/**
 * Makes a kernel of its three functions. Call it at the top level of a module: every compute thread imports that module to find it.
 *
 * - `scatter(input, world)` yields parts lazily; there may be many more parts than ranks. Runs at the driver. It may return an
 *   array instead, and then progress is shown as a share from the start. Yield a fresh array for each part: what was yielded is
 *   read later, and once more when its rank is lost, so an array that is filled again goes wrong.
 * - `compute(part, rank)` runs in a compute thread of some rank, synchronous or not. Parts must be pure: a lost rank's parts are computed again elsewhere.
 * - `reduce(partials, input, job)` consumes the partials. One that returns before their end ends the job: what still runs is cancelled.
 *
 * @throws UsageError when a function is missing, a key is unknown, the name is not a plain one, or two kernels of one module share it.
 */
export function defineKernel<Input, Part, Partial, Result>(
  definition: KernelDefinition<Input, Part, Partial, Result>,
): Kernel<Input, Part, Partial, Result> {
  if (typeof definition !== "object" || definition === null)
    throw expected("defineKernel's argument", "an object { name, scatter, compute, reduce }", definition);
  if (typeof definition.name !== "string" || !/^[\w.:-]{1,200}$/.test(definition.name))
    throw expected("name", "a plain name of at most 200 letters, digits, . : _ -", definition.name);
  for (const key of Object.keys(definition))
    if (!keys.includes(key)) throw new UsageError(`a kernel has no "${key}"; it has ${keys.join(", ")}.`);
  if (!["part", "arrival", undefined].includes(definition.order))
    throw expected("order", '"part" or "arrival"', definition.order);
  if (!["boolean", "undefined"].includes(typeof definition.together))
    throw expected("together", "true or false", definition.together);
  for (const step of ["scatter", "compute", "reduce"] as const)
    if (typeof definition[step] !== "function") throw expected(step, "a function", definition[step]);
  const module = definition.module === undefined ? callerModule() : absoluteUrl("module", definition.module);
  const kernel = Object.freeze({ order: "part" as const, together: false, ...definition, module });
  const key = kernelKey(module, definition.name);
  if (defined.has(key))
    throw new UsageError(`two kernels of ${module} are named "${definition.name}"; give each its own name.`);
  defined.set(key, kernel as unknown as Kernel<never>);
  awaited.get(key)?.();
  awaited.delete(key);
  return kernel;
}

/** The kernel that `module` defined under `name` in this thread, if it has been defined yet. */
export function findKernel(module: string, name: string): Kernel<unknown> | undefined {
  return defined.get(kernelKey(module, name)) as Kernel<unknown> | undefined;
}

/** Resolves when `module` defines a kernel of that name in this thread. */
export function kernelDefined(module: string, name: string): Promise<void> {
  return new Promise((resolve) => awaited.set(kernelKey(module, name), resolve));
}

/** The names of the kernels that `module` has defined in this thread. */
export function kernelNamesOf(module: string): string[] {
  return [...defined.values()].filter((kernel) => kernel.module === module).map((kernel) => kernel.name);
}

function kernelKey(module: string, name: string): string {
  return `${module}#${name}`;
}

/** The URL of the file that called our caller, read from the stack. */
function callerModule(): string {
  const { prepareStackTrace: original, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Math.max(stackTraceLimit || 0, 10); // the program may have set it to 0
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName());
    const files = new Error().stack as unknown as (string | null)[];
    const own = files[0];
    const caller = files.find((file) => file != null && file !== own);
    if (!caller) throw new UsageError("defineKernel could not tell which file calls it; pass module: import.meta.url.");
    return absoluteUrl("the file that calls defineKernel", caller);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (original === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Error.prepareStackTrace = original;
  }
}
