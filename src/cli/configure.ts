/** What the options of cluster-options.ts mean. Their values go through the same checks as `configureInfra`'s. */
import { configureInfra, type InfraOptions, UsageError } from "../index.ts";
import type { ClusterFlags, HostFlags } from "./cluster-options.ts";

type Options = Omit<InfraOptions, "inspect"> & { readonly inspect?: boolean | undefined };

/** The flags as options for programs. What is wrong with them is found there. */
export function hostOptions(flags: HostFlags): Options {
  return given({
    perNodeCores: flags.ranks === undefined ? undefined : ranksOf(flags.ranks),
    hosts: flags.hosts === undefined ? undefined : splitHosts(flags.hosts),
    hostfile: flags.hostfile,
    clusterFile: flags.clusterFile,
    sync: flags.sync,
    logLevel: flags.logLevel,
  });
}

/**
 * Hands the flags to `configureInfra`.
 *
 * @param options `byHost` shows a line per host too, on a terminal
 * @throws UsageError as it does
 */
export function configure(flags: ClusterFlags, { byHost = false }: { byHost?: boolean } = {}): void {
  const shown = flags.progress ?? process.stderr.isTTY === true;
  configureInfra({
    ...hostOptions(flags),
    ...given({
      timeJob: flags.time,
      nice: flags.nice === undefined ? undefined : niceOf(flags.nice),
      inspect: flags.inspect,
      rankPrefix: flags.rankPrefix,
      detectDeadlocks: flags.detectDeadlocks,
      progressToTerminal: shown && byHost ? "hosts" : shown,
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

function niceOf(text: string): number {
  if (/^1?\d$/.test(text)) return Number(text);
  throw new UsageError(`--nice must be a whole number from 0 to 19, got "${text}".`);
}

function given(options: Record<string, unknown>): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** Commas part hosts, but not inside of brackets. */
function splitHosts(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((name) => name.trim());
}
