/** Jobs that are over, for whoever asks later: what they were and their story, without their input and result. Bounded. */
import type { Job, JobSnapshot, JobStats } from "./job.ts";
import type { Story, TransitionRecord } from "./story.ts";

const most = { jobs: 20, records: 20_000, pairs: 100_000 } as const;

export interface PastJob {
  readonly snapshot: JobSnapshot;
  readonly stats: JobStats;
  readonly story: readonly TransitionRecord[];
}

/** A past job, and where its parts come from. */
interface Kept {
  readonly past: PastJob;
  stats: JobStats;
  story: Story | undefined;
  /** Of the story. */
  readonly records: number;
}

function keep(job: Job): Kept {
  const kept: Kept = {
    past: {
      snapshot: job.getSnapshot(),
      get stats() {
        return kept.stats;
      },
      /** Put in order when somebody asks. */
      get story() {
        return kept.story?.records() ?? [];
      },
    },
    stats: job.stats,
    story: job.kept,
    records: job.kept.size,
  };
  return kept;
}

export class PastJobs {
  readonly #jobs: Kept[] = [];

  add(job: Job): void {
    this.#jobs.push(keep(job));
    if (this.#jobs.length > most.jobs) this.#jobs.shift();
    let [records, pairs] = [0, 0];
    for (let i = this.#jobs.length - 1; i >= 0; i--) {
      const each = this.#jobs[i]!;
      if (each.story) records += each.records;
      pairs += each.stats.betweenRanks.length;
      if (records > most.records) each.story = undefined;
      if (pairs > most.pairs) each.stats = { ...each.stats, betweenRanks: [] };
    }
  }

  /** Oldest first. */
  all(): readonly PastJob[] {
    return this.#jobs.map(({ past }) => past);
  }
}
