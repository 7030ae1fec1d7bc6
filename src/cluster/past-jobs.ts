/** Jobs that are over, for whoever asks later: what they were and their story, without their input and result. Bounded. */
import type { Job, JobSnapshot, JobStats } from "./job.ts";
import type { TransitionRecord } from "./story.ts";

const most = { jobs: 20, records: 20_000, pairs: 100_000 } as const;

export interface PastJob {
  readonly snapshot: JobSnapshot;
  readonly stats: JobStats;
  readonly story: readonly TransitionRecord[];
}

export class PastJobs {
  #jobs: PastJob[] = [];

  add(job: Job): void {
    const past = { snapshot: job.getSnapshot(), stats: job.stats, story: job.story() };
    this.#jobs = [...this.#jobs, past].slice(-most.jobs);
    let [records, pairs] = [0, 0];
    for (let i = this.#jobs.length - 1; i >= 0; i--) {
      const each = this.#jobs[i]!;
      records += each.story.length;
      pairs += each.stats.betweenRanks.length;
      if (records > most.records) this.#jobs[i] = { ...this.#jobs[i]!, story: [] };
      if (pairs > most.pairs) this.#jobs[i] = { ...this.#jobs[i]!, stats: { ...each.stats, betweenRanks: [] } };
    }
  }

  /** Oldest first. */
  all(): readonly PastJob[] {
    return this.#jobs;
  }
}
