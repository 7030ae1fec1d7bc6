/** The options that every command has: what it runs on. Their values go through the same checks as `configureInfra`'s. */
import type { Command } from "commander";
import { configureInfra, type InfraOptions, UsageError } from "../index.ts";

/** What to run on. */
export interface HostFlags {
  readonly ranks?: string;
  readonly hosts?: string;
  readonly hostfile?: string;
  readonly clusterFile?: string;
  readonly logLevel?: string;
}

/** And how to run a job there. */
export interface ClusterFlags extends HostFlags {
  readonly timeout?: string;
  readonly time?: boolean;
  readonly progress?: boolean;
}

export function addHostOptions(command: Command): Command {
  return command
    .option("-n, --ranks <count>", "ranks on each host, or on this machine without hosts (default: one per core)")
    .option("--hosts <names>", 'worker hosts: "node1,node2" or "pi[1-4]"')
    .option("--hostfile <file>", "worker hosts from a hostfile as Open MPI or MPICH take it")
    .option("--cluster-file <file>", "worker hosts from an mpits.yaml")
    .option("--log-level <level>", "trace, debug, info, warn, error, fatal or silent");
}

export function addClusterOptions(command: Command): Command {
  return addHostOptions(command)
    .option("--timeout <seconds>", "cancel the job when it takes longer")
    .option("--time", "print how long the job took")
    .option("--no-progress", "no progress line");
}

/** The flags as options for programs. What is wrong with them is found there. */
export function hostOptions(flags: HostFlags): InfraOptions {
  return given({
    perNodeCores: flags.ranks === undefined ? undefined : ranksOf(flags.ranks),
    hosts: flags.hosts === undefined ? undefined : splitHosts(flags.hosts),
    hostfile: flags.hostfile,
    clusterFile: flags.clusterFile,
    logLevel: flags.logLevel,
  });
}

/** Hands the flags to `configureInfra`. @throws UsageError as it does. */
export function configure(flags: ClusterFlags): void {
  configureInfra({
    ...hostOptions(flags),
    ...given({
      timeJob: flags.time,
      progressToTerminal: flags.progress !== false && process.stderr.isTTY === true,
    }),
  });
}

/** The job's own options. */
export function runOptions({ timeout }: ClusterFlags): { timeoutMs?: number } {
  if (timeout === undefined) return {};
  const seconds = Number(timeout);
  if (!(seconds > 0)) throw new UsageError(`--timeout must be a number of seconds above 0, got "${timeout}".`);
  return { timeoutMs: seconds * 1000 };
}

function ranksOf(text: string): number {
  const ranks = Number(text);
  if (Number.isSafeInteger(ranks) && ranks >= 1) return ranks;
  throw new UsageError(`--ranks must be a whole number of 1 or more, got "${text}".`);
}

function given(options: Record<string, unknown>): InfraOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as InfraOptions;
}

/** Commas part hosts, but not inside of brackets. */
function splitHosts(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((name) => name.trim());
}
