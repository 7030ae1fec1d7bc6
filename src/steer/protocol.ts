/**
 * What is said over a steering socket. A request is one line, `{ id, ask, … }`. Its answer is any number of lines
 * `{ id, next }` and at last `{ id, end }` or `{ id, error }`; `{ id, ask: "stop", of }` ends one that goes on. Times are in
 * ms; those called `…Ms` that name a moment are since 1970.
 */
import type { HostSnapshot } from "../cluster/host-entry.ts";
import type { JobSnapshot } from "../cluster/job.ts";
import type { OutputLine } from "../cluster/output-log.ts";
import type { JobTraffic } from "../cluster/star.ts";
import type { TransitionRecord } from "../cluster/story.ts";

/** Which job is meant: by its cluster's number in the driver, and its id. */
export interface JobAddress {
  readonly cluster: number;
  readonly job: string;
}

/** Ranks from one to another, both included. */
export interface RankRange {
  readonly from: number;
  readonly to: number;
}

export type Request =
  /** `end`: a DriverState. */
  | { readonly ask: "state" }
  /** `end`: a JobDetail with its traffic, and at most `last` records of the job and of each rank. */
  | ({ readonly ask: "inspect"; readonly last: number } & JobAddress)
  /** `next`: a JobDetail without records, now and on changes, at most ten a second; `end` with the last when the job has settled. */
  | ({ readonly ask: "watch" } & JobAddress)
  /** `next`: a Records, again and again; `end` when the job has settled. */
  | ({ readonly ask: "records"; readonly fromStart: boolean } & JobAddress)
  /** `next`: a Lines, again and again; `end` after what is kept, or with `follow` when the job has settled. */
  | ({
      readonly ask: "logs";
      readonly follow: boolean;
      /** Only these; without it also what no rank has written. */
      readonly ranks?: readonly RankRange[] | undefined;
      /** Of what is kept only so many lines. */
      readonly tail?: number | undefined;
    } & JobAddress)
  /** Sends the event, if the machine takes it; `end`: a SendAnswer. */
  | ({
      readonly ask: "send";
      readonly rank?: number | undefined;
      readonly event: string;
      readonly data?: Readonly<Record<string, unknown>> | undefined;
    } & JobAddress)
  /** Cancels; by force after `graceMs`. `end`: a CancelAnswer, when every rank is idle. */
  | ({ readonly ask: "cancel"; readonly reason: string; readonly graceMs?: number | undefined } & JobAddress)
  /**
   * The same for the job that a person's words mean here, as `choose` in target.ts reads them. `next`: a Chosen, at once; `end`: a
   * CancelAnswer. Where there is one driver only, nobody need ask first which jobs it has.
   */
  | {
      readonly ask: "cancelNamed";
      readonly typed?: string | undefined;
      /** For so long the answer is waited for, in ms since 1970 by this machine's clock: later, nothing is cancelled. */
      readonly untilMs: number;
      readonly reason: string;
      readonly graceMs?: number | undefined;
    }
  /** Serves the inspector's page, if it isn't yet. `end`: a PageAnswer. */
  | ({ readonly ask: "page" } & JobAddress)
  /** `end`: a ReportAnswer. */
  | ({ readonly ask: "report" } & JobAddress)
  | { readonly ask: "stop"; readonly of: number };

export interface JobSummary extends JobAddress {
  readonly phase: "running" | "queued" | "over";
  readonly snapshot: JobSnapshot;
}

/** A driver and all its jobs. */
export interface DriverState {
  readonly pid: number;
  /** What it runs, as a person would type it. */
  readonly program: string;
  readonly workingDir: string;
  readonly version: string;
  readonly startedMs: number;
  readonly clusters: readonly {
    readonly number: number;
    readonly size: number;
    readonly hosts: readonly HostSnapshot[];
  }[];
  readonly jobs: readonly JobSummary[];
}

export interface JobDetail extends JobSummary {
  readonly hosts: readonly HostSnapshot[];
  /** The driver's clock. */
  readonly nowMs: number;
  /** Events that users may send it now. */
  readonly takes: readonly string[];
  readonly records: readonly TransitionRecord[];
  /** What has been sent; not for who watches. */
  readonly traffic?: TrafficTold;
}

/** As `job.stats` has it, but of the pairs of ranks only those that sent the most bytes. */
export interface TrafficTold extends JobTraffic {
  /** Over all pairs of ranks, and how many they are. */
  readonly amongRanks: { readonly pairs: number; readonly messages: number; readonly bytes: number };
}

export interface Records {
  readonly records: readonly TransitionRecord[];
  /** How many came too fast to be told. */
  readonly missed: number;
}

export interface Lines {
  readonly lines: readonly OutputLine[];
  /** The job has settled: a few late lines may follow, if its program doesn't end first. */
  readonly over: boolean;
}

export interface SendAnswer {
  readonly state: string;
}

export interface CancelAnswer {
  /** The state that the job ended in. It may have been done when the cancel came. */
  readonly state: string;
  readonly elapsedMs: number;
  /** From the request until every rank was idle. */
  readonly tookMs: number;
}

/** Which job was meant. */
export interface Chosen {
  /** How it is called among the driver's. */
  readonly name: string;
}

/** Where the inspector's page is. */
export interface PageAnswer {
  /** Opens it, once. */
  readonly url: string;
  /** The command that makes the same address reachable on another machine. */
  readonly tunnel: string;
}

export interface ReportAnswer {
  readonly html: string;
}

/** Why a request was refused. `notTaken`: not an event that the machine takes now; `takes` lists those it does. `wrong`: data that the event can't carry. `failed`: an error of the driver's. */
export interface Refusal {
  readonly kind: "notFound" | "notTaken" | "wrong" | "failed";
  readonly message: string;
  readonly takes?: readonly string[];
}

export type Answer = { readonly id: number } & (
  | { readonly next: unknown }
  | { readonly end: unknown }
  | { readonly error: Refusal }
);

/** The longest request in characters; a client that sends a longer one is cut off. */
export const longestRequest = 64 * 1024;
/** The longest answer that a client takes. */
export const longestAnswer = 64 * 1024 * 1024;
