/**
 * The simple front: one configuration, one cluster behind it, started with the first job and kept for the next. Everything
 * heavy is loaded when the first cluster is launched, so that a compute thread that imports this package stays light.
 */

// Not loaded in compute threads, which never launch anything: see "imports" in package.json.
import { parseConfiguration } from "#configuration";
import type { Cluster, ClusterHooks } from "./cluster/cluster.ts";
import type { SpawnOptions } from "./cluster/job-options.ts";
import type { Configuration } from "./config/configuration.ts";
import type { ConfigurationInput } from "./config/schema.ts";
import type { Kernel } from "./kernels/define-kernel.ts";
import { inComputeThread, parkInComputeThread } from "./thread/cancellation.ts";

/** The configuration (see docs/configuration.md), and what only a program can hand over. */
export type InfraOptions = ConfigurationInput & ClusterHooks;

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
  const { Cluster } = await import("./cluster/cluster.ts");
  return Cluster.launch(configuration, { inspect: options.inspect });
}

/** Ends the cluster of `configureInfra`, if one runs. The next job starts another. */
export async function shutdown(): Promise<void> {
  const { launched } = configured;
  configured = { ...configured, launched: undefined };
  const end = async () => (await launched?.catch(() => undefined))?.close(); // one that did not come up has nothing to end
  ending = Promise.all([ending, end()]);
  await ending;
}

/** Cancels the job that runs on the cluster of `configureInfra`; false when none does. */
export async function cancelJob(reason = "cancelJob was called", options: { force?: boolean } = {}): Promise<boolean> {
  const cluster = await configured.launched?.catch(() => undefined); // without a cluster there is no job
  const job = cluster?.runningJob;
  job?.cancel(reason, options);
  return job !== undefined;
}

/** Runs a kernel on the given cluster or the one of `configureInfra`. */
export async function runKernel<Input, Part, Partial, Result>(
  kernel: Kernel<Input, Part, Partial, Result>,
  input: Input,
  { cluster, ...options }: RunOptions = {},
): Promise<Result> {
  await parkInComputeThread();
  const prepared = kernel.prepare ? kernel.prepare(input) : input; // before anything is launched
  const target = cluster ?? (await defaultCluster());
  return target.spawn(kernel, prepared, { queue: true, ...options }).result;
}

function parse({ inspect: _, ...input }: InfraOptions): Configuration {
  return parseConfiguration(input);
}

/** The cluster of `configureInfra`, launched if it isn't yet: for `spawn` on the same cluster that `isPrime` and the others use. */
export async function defaultCluster(): Promise<Cluster> {
  await parkInComputeThread();
  const now = configured;
  now.launched ??= ending.then(() => launchCluster(now.options));
  return now.launched;
}
