/**
 * What the inspector keeps of one job: its transitions and its counts over time, for pages that come late and for reports.
 * Bounded however long the job runs: of transitions the last ones stay, of counts fewer and fewer per minute.
 */
import type { Job } from "../cluster/job.ts";
import type { TransitionRecord } from "../cluster/story.ts";
import type { RecordsTold, Row, Sample } from "./protocol.ts";

const most = { rows: 100_000, samples: 1200 } as const;
const sampleEveryMs = 250;

export class Recording {
  #rows: Row[] = [];
  #dropped = 0;
  #samples: Sample[] = [];
  #sampleEveryMs: number = sampleEveryMs;
  /** Why the job failed or was cancelled, once it is known. */
  cause: string | undefined;

  add({ timeMs, rank, from, to, event, part, cause }: TransitionRecord): void {
    if (rank === undefined) this.cause = cause ?? this.cause;
    // Cut in one go, now and then: a shift for each row would move them all.
    if (this.#rows.length >= 2 * most.rows) this.#dropped += this.#rows.splice(0, most.rows).length;
    const head = [Math.round(timeMs * 1000) / 1000, rank ?? -1, from, to, event, part ?? null] as const;
    this.#rows.push(cause === undefined ? head : [...head, cause]);
  }

  /** Notes the job's counts, unless it did just now. */
  sample(job: Job): void {
    const timeMs = Date.now();
    const last = this.#samples.at(-1);
    if (last && timeMs - last[0] < this.#sampleEveryMs) return;
    const { sent, received } = job.stats;
    const { parts, ranks } = job.getSnapshot();
    const units = ranks.reduce((sum, { progress }) => sum + progress.done, 0);
    this.#samples.push([timeMs, parts.done, units, sent.bytes + received.bytes]);
    if (this.#samples.length < most.samples) return;
    this.#samples = this.#samples.filter((_, i) => i % 2 === 0);
    this.#sampleEveryMs *= 2;
  }

  /** At most `count` transitions from the given place on, counted from the job's first; and the place to go on from. */
  rowsFrom(place: number, count: number): { readonly told: RecordsTold; readonly next: number } {
    const from = Math.max(place, this.#dropped);
    const rows = this.#rows.slice(from - this.#dropped, from - this.#dropped + count);
    return { told: { rows, dropped: from - place }, next: from + rows.length };
  }

  samplesAfter(timeMs: number): readonly Sample[] {
    return this.#samples.slice(this.#samples.findLastIndex(([each]) => each <= timeMs) + 1);
  }
}
