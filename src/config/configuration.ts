/**
 * `Configuration`: everything that can be set, checked and complete. Types and defaults only; `parseConfiguration` makes one.
 */
import type { HostSpec } from "./host-spec.ts";
import type { PortRange } from "./rules.ts";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
type LogLevel = (typeof logLevels)[number];

/** The whole configuration after `parseConfiguration`: frozen, defaults filled in, hosts resolved. Keys as in docs/configuration.md. */
export interface Configuration {
  /** Name of the driver's machine, as `World.hosts` shows it. */
  readonly masterNode: string;
  /** Ranks on a host that doesn't say how many. */
  readonly perNodeCores: number;
  /** Hardware threads of a host, shared out among its ranks: see `threadsPerRank`. */
  readonly perNodeThreads: number;
  /** Worker hosts, `hosts.length`. */
  readonly numWorkerNodes: number;
  readonly hosts: readonly HostSpec[];
  readonly hostfile: string | undefined;
  readonly clusterFile: string | undefined;
  readonly inspect: boolean;
  readonly timeJob: boolean;
  readonly progressToTerminal: boolean | "hosts";
  readonly sshUser: string | undefined;
  /** The port where neither a host, nor `sshPort`, nor ssh's own configuration names one is 22. */
  readonly sshPort: number;
  readonly sshIdentityFile: string | undefined;
  readonly nodeExecutable: string;
  readonly workingDir: string | undefined;
  readonly connectTimeoutS: number;
  readonly launcher: "auto" | "local" | "ssh";
  readonly cancelGraceMs: number;
  readonly logLevel: LogLevel;
  readonly bind: string | undefined;
  readonly port: PortRange | undefined;
  readonly tunnel: boolean;
  readonly insecure: boolean;
  readonly acceptNewHostKeys: boolean;
  readonly sync: boolean | readonly string[];
  readonly hostSilenceMs: number;
  readonly leaseMs: number;
  readonly rankPrefix: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly detectDeadlocks: boolean;
  /** Limit of each compute thread's JavaScript heap in MiB; undefined: Node's own. */
  readonly rankMemoryMb: number | undefined;
  /** How far below everything else the ranks' threads stand, 0 to 19, as `nice -n` counts. */
  readonly nice: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Threads that each rank of a host may use itself, 1 or more. */
export function threadsPerRank(perNodeThreads: number, slots: number): number {
  return Math.max(1, Math.floor(perNodeThreads / slots));
}
