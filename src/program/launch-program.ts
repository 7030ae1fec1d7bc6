/** Runs a program on all ranks of a cluster, as mpirun does, and ends this process with its exit code. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import type { SpawnOptions } from "../cluster/job-options.ts";
import { launchCluster } from "../infra.ts";
import { writeLine } from "../terminal/output.ts";
import { describeFailure } from "./describe-failure.ts";
import { programKernel } from "./program-kernel.ts";

/**
 * The cluster is that of `configureInfra`. One rank's error or `process.exit(n)`, n not 0, ends the program on all.
 * @param file the program's path, as Node was given it: its ending may be missing
 */
export async function launchProgram(file: string, options: SpawnOptions = {}): Promise<never> {
  const exitCode = await run(pathToFileURL(createRequire(import.meta.url).resolve(file)).href, options);
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit(exitCode);
}

async function run(module: string, options: SpawnOptions): Promise<number> {
  try {
    return await runOn(await launchCluster(), module, options);
  } catch (error) {
    const { text, exitCode } = describeFailure(error);
    writeLine("stderr", text);
    return exitCode;
  }
}

/** What ranks wrote has been written when this ends, so that it stands before what we say of them. */
async function runOn(cluster: Cluster, module: string, options: SpawnOptions): Promise<number> {
  try {
    const job = cluster.spawn(programKernel, module, options);
    leaveNobodyBehind(job);
    return await job.result;
  } finally {
    await cluster.close();
  }
}

/** Ranks that don't look whether the program was ended elsewhere are not given the grace of a cancel: nobody waits for what they do. */
function leaveNobodyBehind(job: Job<number>): void {
  job.subscribe(({ value }) => {
    if (value === "failed") job.cancel("the program has failed", { force: true });
  });
}

/** Resolves when all that was written has been handed to the system. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
