/** What the options of cluster-options.ts mean. Their values go through the same checks as `configureInfra`'s. */
import { configureInfra, type InfraOptions, UsageError } from "../index.ts";
import type { ClusterFlags } from "./cluster-options.ts";

/**
 * Hands the flags to `configureInfra`.
 *
 * @param options `byHost` shows a line per host too, on a terminal
 * @throws UsageError as it does
 */
export function configure(flags: ClusterFlags, { byHost = false }: { byHost?: boolean } = {}): void {
  const shown = flags.progress !== false && process.stderr.isTTY === true;
  const options: Record<string, unknown> = {
    perNodeCores: flags.ranks === undefined ? undefined : numberOf(flags.ranks),
    hosts: flags.hosts === undefined ? undefined : splitHosts(flags.hosts),
    hostfile: flags.hostfile,
    clusterFile: flags.clusterFile,
    timeJob: flags.time,
    progressToTerminal: shown && byHost ? "hosts" : shown,
    logLevel: flags.logLevel,
  };
  configureInfra(
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as InfraOptions,
  );
}

/** The job's own options. */
export function runOptions({ timeout }: ClusterFlags): { timeoutMs?: number } {
  if (timeout === undefined) return {};
  const seconds = Number(timeout);
  if (!(seconds > 0)) throw new UsageError(`--timeout must be a number of seconds above 0, got "${timeout}".`);
  return { timeoutMs: seconds * 1000 };
}

/** A whole number as the configuration takes it; anything else stays text, and is refused there with its own words. */
function numberOf(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Commas part hosts, but not inside of brackets. */
function splitHosts(text: string): string[] {
  return text.split(/,(?![^[]*\])/).map((name) => name.trim());
}
