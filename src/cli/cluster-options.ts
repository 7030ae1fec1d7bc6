/** The options that every command that runs a job has: what it runs on. What they mean is in configure.ts, loaded when one runs. */
import type { Command } from "commander";

/** What to run on. */
export interface HostFlags {
  readonly ranks?: string;
  readonly hosts?: string;
  readonly hostfile?: string;
  readonly clusterFile?: string;
  readonly sync?: boolean;
  readonly logLevel?: string;
}

/** And how to run a job there. */
export interface ClusterFlags extends HostFlags {
  readonly timeout?: string;
  readonly time?: boolean;
  readonly nice?: string;
  readonly progress?: boolean;
  readonly inspect?: boolean;
  /** Only `run` has these. */
  readonly rankPrefix?: boolean;
  readonly detectDeadlocks?: boolean;
}

export function addHostOptions(command: Command): Command {
  return command
    .option("-n, --ranks <count>", "ranks on each host, or on this machine without hosts (default: one per core)")
    .option("--hosts <names>", 'worker hosts: "node1,node2" or "pi[1-4]"')
    .option("--hostfile <file>", "worker hosts from a hostfile as Open MPI or MPICH take it")
    .option("--cluster-file <file>", "worker hosts from an mpits.yaml")
    .option("--sync", "send the project of this folder to the hosts, and run that")
    .option("--log-level <level>", "trace, debug, info, warn, error, fatal or silent");
}

export function addClusterOptions(command: Command): Command {
  return addHostOptions(command)
    .option("--timeout <seconds>", "cancel the job when it takes longer")
    .option("--nice <level>", "how far ranks give way to everything else on a machine, 0 to 19 (default: 0)")
    .option("--time", "print how long the job took")
    .option("--inspect", "serve a page that shows the job, and print its address")
    .option("--progress", "show how far a job is where there is no terminal, too: a line now and then")
    .option("--no-progress", "not on a terminal either");
}
