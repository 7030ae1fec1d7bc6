/** Records every job of a cluster from the moment the inspector opens; of those that are over, the last few stay. */
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import { Recording } from "./recording.ts";

/** Recordings of jobs that are over. */
const mostPast = 5;
const sampleEveryMs = 250;

export class Recorder {
  readonly #cluster: Cluster;
  readonly #recordings = new Map<string, Recording>();
  readonly #unfollow: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    for (const { snapshot, story } of cluster.pastJobs.slice(-mostPast)) {
      const recording = this.#begin(snapshot.id);
      for (const record of story) recording.add(record);
    }
    for (const job of cluster.jobs) this.#follow(job);
    this.#unfollow = cluster.followJobs((job) => this.#follow(job));
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs).unref();
  }

  of(job: string): Recording | undefined {
    return this.#recordings.get(job);
  }

  close(): void {
    this.#unfollow();
    clearInterval(this.#timer);
  }

  #follow(job: Job): void {
    const recording = this.#begin(job.id);
    job.inspect(
      { next: (record) => recording.add(record), complete: () => recording.sample(job) },
      { fromStart: true },
    );
  }

  #begin(job: string): Recording {
    const recording = new Recording();
    this.#recordings.set(job, recording);
    const held = new Set(this.#cluster.jobs.map(({ id }) => id));
    const over = [...this.#recordings.keys()].filter((id) => id !== job && !held.has(id));
    for (const id of over.slice(0, Math.max(0, over.length - mostPast))) this.#recordings.delete(id);
    return recording;
  }

  #sample(): void {
    const job = this.#cluster.runningJob;
    if (job) this.of(job.id)?.sample(job);
  }
}
