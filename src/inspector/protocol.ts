/**
 * What the inspector's server tells its page: events of a stream, each with JSON as its data. Types only, since the page is
 * built for browsers. Moments are in ms since 1970, by the driver's clock.
 */
import type { HostSnapshot } from "../cluster/host-entry.ts";
import type { JobSnapshot, JobStats } from "../cluster/job.ts";
import type { OutputLine } from "../cluster/output-log.ts";

/** The stream's events by name. */
export interface PageEvents {
  /** What follows is of this job, from its start as far as it is kept; undefined when there is none yet. */
  readonly begin: { readonly job: string | undefined };
  readonly state: PageState;
  readonly records: RecordsTold;
  readonly samples: readonly Sample[];
  readonly traffic: RankTraffic;
  readonly lines: readonly OutputLine[];
  /** The cluster was closed: nothing more comes. */
  readonly closed: Record<string, never>;
}

export interface PageState {
  readonly nowMs: number;
  readonly driver: DriverShown;
  readonly jobs: readonly JobShown[];
  readonly hosts: readonly HostSnapshot[];
  /** The job that the stream is of. */
  readonly job?: JobState;
}

export interface DriverShown {
  readonly program: string;
  readonly pid: number;
  readonly machine: string;
  readonly version: string;
}

/** A job in the list of all. */
export interface JobShown {
  readonly id: string;
  readonly phase: "running" | "queued" | "over";
  readonly value: JobSnapshot["value"];
}

export interface JobState {
  readonly phase: JobShown["phase"];
  readonly snapshot: JobSnapshot;
  readonly stats: StatsShown;
  readonly cancelGraceMs: number;
  /** What its failure says, or its cancel. */
  readonly cause?: string;
}

/** What pairs of ranks have said is told by itself: there may be tens of thousands of them. */
type StatsShown = Omit<JobStats, "betweenRanks">;

/** What ranks have sent to each other. */
export interface RankTraffic {
  /** Sender, receiver, messages and bytes of each pair that has sent anything, one after the other. */
  readonly pairs: readonly number[];
  /** The least that could have done for it. */
  readonly leastBytes: number;
}

/** A transition: time, rank (−1 for the job itself), state before, state after, event, part, and why where that is known. */
export type Row = readonly [
  timeMs: number,
  rank: number,
  from: string,
  to: string,
  event: string,
  part: number | null,
  cause?: string,
];

export interface RecordsTold {
  readonly rows: readonly Row[];
  /** How many before these are no longer kept. */
  readonly dropped: number;
}

/**
 * The job's counts at a moment: parts that are done, what ranks have done in the kernel's own units, and bytes in both
 * directions between the driver and the hosts.
 */
export type Sample = readonly [timeMs: number, parts: number, units: number, bytes: number];

/** All that is known of a job, for a report that stands alone. */
export interface PageData {
  readonly state: PageState;
  readonly records: RecordsTold;
  readonly samples: readonly Sample[];
  readonly traffic: RankTraffic;
  readonly lines: readonly OutputLine[];
}

/** What the page asks for. */
export interface CancelRequest {
  readonly job: string;
  readonly force: boolean;
}
