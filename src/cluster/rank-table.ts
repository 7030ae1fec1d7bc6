/** What the driver knows of every rank, from their reports: state, part, progress, and how long each was in which state. */
import type { RankProgress, RankStateName, Transition } from "../wire/messages.ts";

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
  /** Why its host is lost; absent while it lives. */
  readonly lost?: string;
}

interface Row {
  readonly rank: number;
  readonly host: string;
  state: RankStateName;
  part: number | null;
  progress: { done: number; total: number };
  lost: string | undefined;
  sinceMs: number;
  timeMs: Record<RankStateName, number>;
}

export class RankTable {
  readonly #rows: Row[];
  #job = 0;

  /** @param hosts the host name of each rank */
  constructor(hosts: readonly string[]) {
    this.#rows = hosts.map((host, rank) => ({
      rank,
      host,
      state: "idle",
      part: null,
      progress: { done: 0, total: 0 },
      lost: undefined,
      sinceMs: performance.timeOrigin + performance.now(),
      timeMs: noTime(),
    }));
  }

  get size(): number {
    return this.#rows.length;
  }

  /** What is counted per job starts anew. */
  startJob(job: number, nowMs: number): void {
    this.#job = job;
    for (const row of this.#rows)
      Object.assign(row, { progress: { done: 0, total: 0 }, timeMs: noTime(), sinceMs: nowMs });
  }

  isLive(rank: number): boolean {
    return this.#rows[rank] !== undefined && this.#rows[rank].lost === undefined;
  }

  liveRanks(): number[] {
    return this.#rows.filter((row) => row.lost === undefined).map((row) => row.rank);
  }

  /** The state that the rank was in; undefined when the transition counts for nothing, its rank being lost. */
  transition({ rank, job, to, part, atMs }: Transition): RankStateName | undefined {
    const row = this.#rows[rank];
    if (!row || row.lost !== undefined) return undefined;
    const from = row.state;
    if (job === this.#job) {
      addTime(row, atMs);
      row.sinceMs = atMs;
    }
    row.state = to;
    row.part = to === "idle" ? null : part;
    return from;
  }

  progress({ rank, job, done, total }: RankProgress): void {
    const row = this.#rows[rank];
    if (row && job === this.#job) row.progress = { done, total };
  }

  markLost(rank: number, why: string): void {
    const row = this.#rows[rank];
    if (row) row.lost ??= why;
  }

  markBack(rank: number): void {
    const row = this.#rows[rank];
    if (row)
      Object.assign(row, {
        lost: undefined,
        state: "idle",
        part: null,
        sinceMs: performance.timeOrigin + performance.now(),
      });
  }

  snapshot(): RankSnapshot[] {
    return this.#rows.map(({ rank, host, state, part, progress, sinceMs, lost }) => ({
      rank,
      host,
      state,
      part,
      progress,
      sinceMs,
      ...(lost !== undefined && { lost }),
    }));
  }

  /** ms that each rank spent in each state during the current job, up to now. */
  timesInState(nowMs: number): Record<RankStateName, number>[] {
    return this.#rows.map((row) => {
      const copy = { ...row, timeMs: { ...row.timeMs } };
      if (row.lost === undefined) addTime(copy, nowMs);
      return copy.timeMs;
    });
  }
}

/** Hosts' clocks may differ from the driver's: a negative stretch counts as none. */
function addTime(row: Row, untilMs: number): void {
  row.timeMs[row.state] += Math.max(0, untilMs - row.sinceMs);
}

function noTime(): Record<RankStateName, number> {
  return { idle: 0, scattering: 0, computing: 0, reducing: 0, cancelled: 0 };
}
