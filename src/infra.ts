/**
 * The simple front: one configuration, one cluster behind it, started with the first job and kept for the next. Everything
 * heavy is loaded when the first cluster is launched, so that a compute thread that imports this package stays light.
 */

import type { InspectionEvent, Observer } from "xstate";
// Not loaded in compute threads, which never launch anything: see "imports" in package.json.
import { parseConfiguration } from "#configuration";
import type { Cluster } from "./cluster/cluster.ts";
import type { SpawnOptions } from "./cluster/job-options.ts";
import type { Configuration } from "./config/configuration.ts";
import type { ConfigurationInput } from "./config/schema.ts";
import { checkOptions, expected, JobCancelledError } from "./errors.ts";
import type { InspectorLink } from "./inspector/inspector.ts";
import type { Kernel } from "./kernels/define-kernel.ts";
import type { Pages } from "./steer/pages.ts";
import { inComputeThread, parkInComputeThread } from "./thread/cancellation.ts";

/** The configuration (see docs/configuration.md), and what only a program can hand over. */
export type InfraOptions = Omit<ConfigurationInput, "inspect"> & {
  /** `true` serves the inspector's page; an observer gets every inspection event of the cluster's actors, as XState's `createActor({ inspect })`. */
  readonly inspect?: boolean | Observer<InspectionEvent> | undefined;
};

/** Options of the kernels' own functions. They wait their turn (`queue`) by default. */
export interface RunOptions extends SpawnOptions {
  /** Where to run. Default: the cluster of `configureInfra`. */
  readonly cluster?: Cluster;
}

let configured: { readonly options: InfraOptions; launched: Promise<Cluster> | undefined } = {
  options: {},
  launched: undefined,
};
/** Ends of clusters that were replaced or shut down, still under way. */
let ending: Promise<unknown> = Promise.resolve();

/** A call of a kernel's own function whose job is not spawned yet, since its cluster is still being launched. */
interface Start {
  readonly kernel: string;
  /** Why it was cancelled meanwhile. */
  cancelled: string | undefined;
}

/** Those on the configured cluster, the oldest first. */
const starts = new Set<Start>();

/**
 * Sets what the next job runs on. Without `hosts` every core of this machine is a rank. A cluster that already runs under
 * another configuration is ended before the next job.
 *
 * @throws UsageError that lists every key that is wrong, what was expected and what came.
 */
export function configureInfra(options: InfraOptions = {}): void {
  if (inComputeThread()) return;
  parse(options);
  void shutdown();
  configured = { options, launched: undefined };
}

/**
 * Launches a cluster of your own and resolves when all its hosts have come up. `await using` ends it, or `close()`.
 *
 * @param options take the place of the configuration as a whole. Without them it is that of `configureInfra` and of `mpits run`
 * @throws UsageError for a wrong option; LaunchError naming host and phase, with nothing left running.
 */
export async function launchCluster(options: InfraOptions = configured.options): Promise<Cluster> {
  await parkInComputeThread();
  const configuration = parse(options);
  const [{ Cluster }, { makeSteerable }] = await Promise.all([
    import("./cluster/cluster.ts"),
    import("./steer/server.ts"),
  ]);
  const { inspect } = options;
  const cluster = await Cluster.launch(configuration, isObserver(inspect) ? { inspect } : {});
  makeSteerable(cluster, pages);
  if (configuration.inspect) await showInspector(cluster);
  return cluster;
}

/**
 * Serves the inspector's page of a cluster, as `inspect: true` does, and gives a link that opens it once.
 *
 * @param job shown first, by its id; default: whichever runs
 * @throws the system's error when no port can be had
 */
export async function inspectorLink(cluster: Cluster, job?: string): Promise<InspectorLink> {
  if (typeof (cluster as Partial<Cluster> | undefined)?.followJobs !== "function")
    throw expected("cluster", "a cluster that launchCluster gave", cluster);
  return (await inspector(cluster)).link(job);
}

/** Ends the cluster of `configureInfra`, if one runs. The next job starts another. */
export async function shutdown(): Promise<void> {
  const { launched } = configured;
  for (const start of starts) start.cancelled ??= "the cluster was closed";
  configured = { ...configured, launched: undefined };
  const end = async () => (await launched?.catch(() => undefined))?.close(); // one that did not come up has nothing to end
  const ended = end();
  ending = Promise.allSettled([ending, ended]);
  await ending;
  await ended;
}

/** Cancels the job that runs on the cluster of `configureInfra`, or is about to while it is launched; false when none does. */
export async function cancelJob(reason = "cancelJob was called", options: { force?: boolean } = {}): Promise<boolean> {
  const cluster = await configured.launched?.catch(() => undefined); // without a cluster there is no job
  const job = cluster?.runningJob;
  job?.cancel(reason, options);
  if (job) return true;
  const start = [...starts].find(({ cancelled }) => cancelled === undefined);
  if (start) start.cancelled = reason;
  return start !== undefined;
}

/** A promise that may stay unawaited when its job was cancelled, as a job's own: who cancels it knows that it has no result. */
export function quietWhenCancelled<Result>(work: Promise<Result>): Promise<Result> {
  const quiet: Promise<Result> = new Promise((resolve, reject) => {
    work.then(resolve, (error: { code?: unknown } | undefined) => {
      if (error?.code === "MPITS_JOB_CANCELLED") quiet.catch(() => {});
      reject(error);
    });
  });
  return quiet;
}

/** Runs a kernel on the given cluster or the one of `configureInfra`. */
export async function runKernel<Input, Part, Partial, Result>(
  kernel: Kernel<Input, Part, Partial, Result>,
  input: Input,
  given: RunOptions = {},
): Promise<Result> {
  checkOptions("options", given);
  const { cluster, ...options } = given;
  if (cluster !== undefined && typeof cluster.spawn !== "function")
    throw expected("cluster", "a cluster that launchCluster gave", cluster);
  const start: Start = { kernel: kernel.name, cancelled: undefined };
  if (!cluster) starts.add(start);
  try {
    await parkInComputeThread();
    const prepared = kernel.prepare ? kernel.prepare(input) : input; // before anything is launched
    const target = cluster ?? (await clusterFor(start));
    return target.spawn(kernel, prepared, { queue: true, ...options }).result;
  } finally {
    starts.delete(start);
  }
}

function parse(options: InfraOptions): Configuration {
  checkOptions("configuration", options);
  const { inspect, ...input } = options;
  return parseConfiguration(isObserver(inspect) ? input : { ...input, inspect });
}

function isObserver(value: InfraOptions["inspect"]): value is Observer<InspectionEvent> {
  return typeof value === "object" && typeof value?.next === "function";
}

/** The inspector, loaded when somebody wants to see something. */
async function inspector(cluster: Cluster) {
  return (await import("./inspector/inspector.ts")).inspectorOf(cluster);
}

const pages: Pages = {
  link: async (cluster, job) => (await inspector(cluster)).link(job),
  report: async (cluster, job) => (await inspector(cluster)).report(job),
};

/** A program whose page can't be served runs as well. */
async function showInspector(cluster: Cluster): Promise<void> {
  const { writeLine } = await import("./terminal/output.ts");
  try {
    const { url, tunnel } = await inspectorLink(cluster);
    writeLine(
      "stderr",
      `inspector: ${url} (opens once)
from elsewhere, first: ${tunnel}
`,
    );
  } catch (error) {
    writeLine(
      "stderr",
      `inspector: its page can't be served: ${(error as Error).message}
`,
    );
  }
}

/** The cluster of `configureInfra`, launched if it isn't yet: for `spawn` on the same cluster that `isPrime` and the others use. */
export async function defaultCluster(): Promise<Cluster> {
  await parkInComputeThread();
  return openCluster(() => {});
}

/** The same for a call that may be cancelled meanwhile; then no other cluster is launched for it. */
async function clusterFor(start: Start): Promise<Cluster> {
  const refuse = () => {
    const { kernel, cancelled: reason } = start;
    if (reason !== undefined)
      throw new JobCancelledError(`job ${kernel} was cancelled before it began: ${reason}.`, { reason });
  };
  refuse();
  const cluster = await openCluster(refuse);
  refuse();
  return cluster;
}

async function openCluster(beforeAnother: () => void): Promise<Cluster> {
  const now = configured;
  now.launched ??= ending.then(() => launchCluster(now.options));
  const { launched } = now;
  const forget = () => {
    if (now.launched === launched) now.launched = undefined;
  };
  const cluster = await launched.catch((error: unknown) => {
    forget(); // the next call tries again
    throw error;
  });
  if (!cluster.getSnapshot().closed) return cluster;
  forget();
  await cluster.close(); // the program closed it itself, or configured another meanwhile
  beforeAnother();
  return openCluster(beforeAnother);
}
