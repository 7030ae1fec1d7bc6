/** What the driver knows of every rank, from their reports: state, part, progress, and how long each was in which state. */
import { waitText } from "../comm/wait-for.ts";
import { nowMs } from "../now-ms.ts";
import type { RankProgress, RankStanding, RankStateName, Transition } from "../wire/messages.ts";

/** A rank as a job's snapshot shows it. */
export interface RankSnapshot {
  readonly rank: number;
  readonly host: string;
  readonly state: RankStateName;
  /** The part that it works on, by number; null when it is idle. Of several small parts together, the first. */
  readonly part: number | null;
  /** How far it is in this job, in the kernel's own units. */
  readonly progress: { readonly done: number; readonly total: number };
  /** Since when it has been in this state, in ms since 1970 by its host's clock; at the earliest the start of the job. */
  readonly sinceMs: number;
  /** What it has waited for, for a while: `waits for tag 7 from rank 2`, `is in barrier number 3`. Absent while it goes on. */
  readonly waitsFor?: string;
  /** Cores that its compute thread has used of late, on average: 1 is all of one. Absent where it can't be measured. */
  readonly cores?: number;
  /** Why its host is lost; absent while it lives. */
  readonly lost?: string;
}

/** What is known of a rank. It changes at every transition, of which a tiny job has five for each rank; who looks gets a copy. */
interface Row extends Pick<RankSnapshot, "rank" | "host"> {
  state: RankStateName;
  part: number | null;
  progress: RankSnapshot["progress"];
  sinceMs: number;
  waitsFor: string | undefined;
  cores: number | undefined;
  lost: string | undefined;
  timeMs: Record<RankStateName, number>;
  /** The copy, until something changes: snapshots are taken at every transition where somebody watches, and share what stayed. */
  shown: RankSnapshot | undefined;
}

export class RankTable {
  readonly #rows: Row[];
  #job = 0;

  /** @param hosts the host name of each rank */
  constructor(hosts: readonly string[]) {
    const sinceMs = nowMs();
    this.#rows = hosts.map((host, rank) => ({
      rank,
      host,
      state: "idle",
      part: null,
      progress: noProgress,
      sinceMs,
      waitsFor: undefined,
      cores: undefined,
      lost: undefined,
      timeMs: noTime(),
      shown: undefined,
    }));
  }

  get size(): number {
    return this.#rows.length;
  }

  /** What is counted per job starts anew. */
  startJob(job: number, sinceMs: number): void {
    this.#job = job;
    for (const row of this.#rows) {
      row.timeMs = noTime();
      row.progress = noProgress;
      row.sinceMs = sinceMs;
      row.waitsFor = undefined;
      row.shown = undefined;
    }
  }

  isLive(rank: number): boolean {
    return this.#rows[rank] !== undefined && this.#rows[rank].lost === undefined;
  }

  liveRanks(): number[] {
    return this.#rows.filter(({ lost }) => lost === undefined).map(({ rank }) => rank);
  }

  /** The state that the rank was in; undefined when the transition counts for nothing, its rank being lost. */
  transition({ rank, job, to, part, atMs }: Transition): RankStateName | undefined {
    const row = this.#rows[rank];
    if (!row || row.lost !== undefined) return undefined;
    const from = row.state;
    if (job === this.#job) {
      addTime(row.timeMs, row, atMs);
      row.sinceMs = atMs;
    }
    moveTo(row, to, part);
    return from;
  }

  progress({ rank, job, done, total }: RankProgress): void {
    const row = this.#rows[rank];
    if (!row || job !== this.#job) return;
    row.progress = { done, total };
    row.shown = undefined;
  }

  stands({ rank, job, standing }: RankStanding): void {
    const row = this.#rows[rank];
    if (!row || job !== this.#job) return;
    row.waitsFor = standing?.doing === "waiting" ? waitText(standing) : undefined;
    row.shown = undefined;
  }

  uses(rank: number, cores: number): void {
    const row = this.#rows[rank];
    if (!row) return;
    row.cores = cores;
    row.shown = undefined;
  }

  markLost(rank: number, why: string): void {
    const row = this.#rows[rank];
    if (!row) return;
    row.lost ??= why;
    row.shown = undefined;
  }

  markBack(rank: number): void {
    const row = this.#rows[rank];
    if (!row) return;
    row.lost = undefined;
    row.sinceMs = nowMs();
    moveTo(row, "idle", null);
  }

  snapshot(): RankSnapshot[] {
    return this.#rows.map((row) => (row.shown ??= shownOf(row)));
  }

  /** ms that each rank spent in each state during the current job, up to now. */
  timesInState(untilMs: number): Record<RankStateName, number>[] {
    return this.#rows.map((row) => {
      const times = { ...row.timeMs };
      if (row.lost === undefined) addTime(times, row, untilMs);
      return times;
    });
  }
}

const noProgress = Object.freeze({ done: 0, total: 0 });

/** What it waited for is over. */
function moveTo(row: Row, state: RankStateName, part: number | null): void {
  row.state = state;
  row.part = state === "idle" ? null : part;
  row.waitsFor = undefined;
  row.shown = undefined;
}

function shownOf({ rank, host, state, part, progress, sinceMs, waitsFor, cores, lost }: Row): RankSnapshot {
  return {
    rank,
    host,
    state,
    part,
    progress,
    sinceMs,
    ...(waitsFor !== undefined && { waitsFor }),
    ...(cores !== undefined && { cores }),
    ...(lost !== undefined && { lost }),
  };
}

/** Hosts' clocks may differ from the driver's: a negative stretch counts as none. */
function addTime(times: Record<RankStateName, number>, { state, sinceMs }: Row, untilMs: number): void {
  times[state] += Math.max(0, untilMs - sinceMs);
}

function noTime(): Record<RankStateName, number> {
  return { idle: 0, scattering: 0, computing: 0, reducing: 0, cancelled: 0 };
}
