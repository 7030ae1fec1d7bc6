/** What a job shows of itself, and what it takes. */
import type { JobStateName } from "../actors/job-machine.ts";
import type { RankStateName } from "../wire/messages.ts";
import type { RankSnapshot } from "./rank-table.ts";
import type { JobTraffic, Traffic } from "./star.ts";

/** A job at one moment. */
export interface JobSnapshot {
  readonly id: string;
  readonly kernel: string;
  /** The state of the job machine. */
  readonly value: JobStateName;
  /** Why it was cancelled, or why what was left of it was. */
  readonly reason: string | null;
  readonly elapsedMs: number;
  readonly parts: {
    readonly handedOut: number;
    readonly done: number;
    /** Computed again because their rank was lost. */
    readonly again: number;
    /** Undefined until scatter has yielded its last part. */
    readonly total: number | undefined;
  };
  readonly ranks: readonly RankSnapshot[];
}

/** What a job has cost so far. */
export interface JobStats {
  readonly elapsedMs: number;
  /** From the driver to the hosts (its own ranks among them). */
  readonly sent: Traffic;
  readonly received: Traffic;
  readonly byHost: JobTraffic["byHost"];
  /** What ranks said to ranks of other hosts, by pair of hosts. */
  readonly between: JobTraffic["between"];
  /** What ranks said to ranks, by pair of ranks. */
  readonly betweenRanks: JobTraffic["betweenRanks"];
  /** The least bytes that could have done for it, between ranks and between hosts: docs/collectives.md. */
  readonly least: JobTraffic["least"];
  readonly partsPerRank: readonly number[];
  readonly partsAgain: number;
  /** What the kernel's reduce has noted, such as `arithmetic` of a matrix product: "OpenBLAS 0.3.21 (Haswell)". */
  readonly notes: Readonly<Record<string, string>>;
  /** ms in each state: of the job, and of each rank. */
  readonly timeInState: {
    readonly job: Readonly<Partial<Record<JobStateName, number>>>;
    readonly ranks: readonly Readonly<Record<RankStateName, number>>[];
  };
}

/** An observer as XState's actors take it. */
export type JobObserver = ((snapshot: JobSnapshot) => void) | { next?(snapshot: JobSnapshot): void; complete?(): void };

/** The event that a job takes. */
export interface CancelEvent {
  readonly type: "job.cancel";
  readonly reason?: string;
  /** True ends the compute threads at once instead of waiting for the kernels to stop. */
  readonly force?: boolean;
}
