/** What the driver knows of every rank, from their reports: state, part, progress, and how long each was in which state. */
import { waitText } from "../comm/wait-for.ts";
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

interface Row {
  /** Replaced at each change and never changed itself: snapshots are taken at every transition, and share what stayed. */
  shown: RankSnapshot;
  timeMs: Record<RankStateName, number>;
}

export class RankTable {
  readonly #rows: Row[];
  #job = 0;

  /** @param hosts the host name of each rank */
  constructor(hosts: readonly string[]) {
    const fresh = { state: "idle", part: null, progress: noProgress, sinceMs: nowMs() } as const;
    this.#rows = hosts.map((host, rank) => ({ shown: { rank, host, ...fresh }, timeMs: noTime() }));
  }

  get size(): number {
    return this.#rows.length;
  }

  /** What is counted per job starts anew. */
  startJob(job: number, sinceMs: number): void {
    this.#job = job;
    for (const row of this.#rows) {
      row.timeMs = noTime();
      move(row, { progress: noProgress, sinceMs });
    }
  }

  isLive(rank: number): boolean {
    return this.#rows[rank] !== undefined && this.#rows[rank].shown.lost === undefined;
  }

  liveRanks(): number[] {
    return this.#rows.filter(({ shown }) => shown.lost === undefined).map(({ shown }) => shown.rank);
  }

  /** The state that the rank was in; undefined when the transition counts for nothing, its rank being lost. */
  transition({ rank, job, to, part, atMs }: Transition): RankStateName | undefined {
    const row = this.#rows[rank];
    if (!row || row.shown.lost !== undefined) return undefined;
    const { state: from, sinceMs } = row.shown;
    const counts = job === this.#job;
    if (counts) addTime(row.timeMs, row.shown, atMs);
    move(row, { state: to, part: to === "idle" ? null : part, sinceMs: counts ? atMs : sinceMs });
    return from;
  }

  progress({ rank, job, done, total }: RankProgress): void {
    const row = this.#rows[rank];
    if (row && job === this.#job) change(row, { progress: { done, total } });
  }

  stands({ rank, job, standing }: RankStanding): void {
    const row = this.#rows[rank];
    if (row && job === this.#job) move(row, standing?.doing === "waiting" ? { waitsFor: waitText(standing) } : {});
  }

  uses(rank: number, cores: number): void {
    const row = this.#rows[rank];
    if (row) change(row, { cores });
  }

  markLost(rank: number, why: string): void {
    const row = this.#rows[rank];
    if (row) change(row, { lost: row.shown.lost ?? why });
  }

  markBack(rank: number): void {
    const row = this.#rows[rank];
    if (!row) return;
    const { lost: _, ...kept } = row.shown;
    row.shown = kept;
    move(row, { state: "idle", part: null, sinceMs: nowMs() });
  }

  snapshot(): RankSnapshot[] {
    return this.#rows.map(({ shown }) => shown);
  }

  /** ms that each rank spent in each state during the current job, up to now. */
  timesInState(untilMs: number): Record<RankStateName, number>[] {
    return this.#rows.map(({ shown, timeMs }) => {
      const times = { ...timeMs };
      if (shown.lost === undefined) addTime(times, shown, untilMs);
      return times;
    });
  }
}

const noProgress = Object.freeze({ done: 0, total: 0 });

function change(row: Row, by: Partial<RankSnapshot>): void {
  row.shown = { ...row.shown, ...by };
}

/** The same; what it waited for is over. */
function move(row: Row, by: Partial<RankSnapshot>): void {
  const { waitsFor: _, ...kept } = row.shown;
  row.shown = { ...kept, ...by };
}

/** Hosts' clocks may differ from the driver's: a negative stretch counts as none. */
function addTime(times: Record<RankStateName, number>, { state, sinceMs }: RankSnapshot, untilMs: number): void {
  times[state] += Math.max(0, untilMs - sinceMs);
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function noTime(): Record<RankStateName, number> {
  return { idle: 0, scattering: 0, computing: 0, reducing: 0, cancelled: 0 };
}
