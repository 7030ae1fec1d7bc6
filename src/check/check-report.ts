/** What `checkCluster` reports. Plain data, so that it can be printed as JSON. */
import type { LaunchPhase } from "../launch/launcher.ts";

/**
 * What a host goes through until its ranks compute. A host of this machine begins with "start", the driver itself with "work"; "sync" is
 * there only when the project is sent.
 */
export type CheckPhase = LaunchPhase | "work";

/** `skipped`: something before it failed. */
export interface CheckedPhase {
  readonly phase: CheckPhase;
  readonly state: "ok" | "failed" | "skipped";
}

/** Why a host can't be used. */
export interface CheckProblem {
  readonly phase: CheckPhase;
  /** What happened, the remedy included. */
  readonly message: string;
  /** What to try. */
  readonly remedy: string;
  /** The last lines that the host printed. */
  readonly lastOutput: string;
}

/** What was found out of a machine. */
export interface CheckedMachine {
  /** The Node executable. */
  readonly node: string;
  readonly nodeVersion: string;
  readonly packageVersion: string;
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly architecture: string;
  /** Hardware threads. */
  readonly cores: number;
  readonly memoryBytes: number;
}

/** What was measured between the driver and a host's first rank, over the connection that jobs use. */
export interface CheckedLine {
  /** Median time of a small part there and its partial back, in ms: the network, and all of mpits on both sides. */
  readonly roundTripMs: number;
  /** The host's clock minus the driver's, in ms, and by how much that may be wrong. */
  readonly clockOffsetMs: number;
  readonly clockUncertaintyMs: number;
  /** Bytes per second, of one transfer each way; null when none came through in time. */
  readonly toHostBytesPerS: number | null;
  readonly fromHostBytesPerS: number | null;
}

export interface CheckedHost {
  readonly name: string;
  /** How its process is started; `driver`: it is this one. */
  readonly launcher: "driver" | "local" | "ssh";
  readonly ranks: readonly number[];
  /** Every phase went well. */
  readonly ok: boolean;
  readonly phases: readonly CheckedPhase[];
  /** Null when nothing is wrong. */
  readonly problem: CheckProblem | null;
  /** What works, but may surprise. */
  readonly warnings: readonly string[];
  /** Null when it didn't get far enough. */
  readonly machine: CheckedMachine | null;
  /** What computes large matrix products there: a BLAS library by its name and version, or our own WASM. Null as above. */
  readonly arithmetic: string | null;
  readonly line: CheckedLine | null;
}

export interface CheckReport {
  /** Every host can be used. */
  readonly ok: boolean;
  readonly elapsedMs: number;
  /** The driver's own host first, then the others in their order. */
  readonly hosts: readonly CheckedHost[];
}
