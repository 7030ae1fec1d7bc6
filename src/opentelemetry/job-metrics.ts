/** Jobs as metrics: sums over all jobs, by kernel. All are counted up and down, so that several clusters of a program add up. */
import type { Meter } from "@opentelemetry/api";
import type { Job } from "../cluster/job.ts";
import type { TransitionRecord } from "../cluster/story.ts";

/** How often the counts of a job that runs are told, in ms. */
const tellEveryMs = 1000;
/** Where a rank does nothing. */
const atRest: readonly string[] = ["idle", "lost"];

export class JobMetrics {
  readonly #jobs;
  readonly #duration;
  readonly #parts;
  readonly #partsAgain;
  readonly #bytes;
  readonly #ranks;
  readonly #lost;

  constructor(meter: Meter) {
    const counter = (name: string, unit: string, description: string) =>
      meter.createCounter(name, { unit, description });
    this.#jobs = counter("mpits.jobs", "{job}", "Jobs that are over, by their state");
    this.#parts = counter("mpits.parts", "{part}", "Parts whose partial has arrived");
    this.#partsAgain = counter("mpits.parts.again", "{part}", "Parts computed again, since their rank was lost");
    this.#bytes = counter("mpits.bytes", "By", "Bytes between the driver and the hosts, its own ranks' among them");
    this.#lost = counter("mpits.ranks.lost", "{rank}", "Ranks lost with their hosts during a job");
    this.#duration = meter.createHistogram("mpits.job.duration", {
      unit: "s",
      description: "From a job's turn to its end",
    });
    this.#ranks = meter.createUpDownCounter("mpits.ranks", {
      unit: "{rank}",
      description: "Ranks at work, by their state",
    });
  }

  follow(job: Job): void {
    const kernel = { "mpits.kernel": job.getSnapshot().kernel };
    const tell = this.#teller(job, kernel);
    const timer = setInterval(tell, tellEveryMs).unref();
    job.inspect(
      {
        next: (record) => this.#record(record, kernel),
        complete: () => {
          clearInterval(timer);
          tell();
          const attributes = { ...kernel, "mpits.job.state": job.getSnapshot().value };
          this.#jobs.add(1, attributes);
          this.#duration.record(job.stats.elapsedMs / 1000, attributes);
        },
      },
      { fromStart: true },
    );
  }

  #record({ rank, host, from, to }: TransitionRecord, kernel: Record<string, string>): void {
    if (rank === undefined) return;
    if (to === "lost") this.#lost.add(1, { ...kernel, "mpits.host": host });
    if (!atRest.includes(from)) this.#ranks.add(-1, { ...kernel, "mpits.rank.state": from });
    if (!atRest.includes(to)) this.#ranks.add(1, { ...kernel, "mpits.rank.state": to });
  }

  /** Tells what has come since the last time. */
  #teller(job: Job, kernel: Record<string, string>): () => void {
    let told = { done: 0, again: 0, sent: 0, received: 0 };
    return () => {
      const { done, again } = job.getSnapshot().parts;
      const now = { done, again, sent: job.stats.sent.bytes, received: job.stats.received.bytes };
      this.#parts.add(now.done - told.done, kernel);
      this.#partsAgain.add(now.again - told.again, kernel);
      this.#bytes.add(now.sent - told.sent, { ...kernel, "mpits.direction": "sent" });
      this.#bytes.add(now.received - told.received, { ...kernel, "mpits.direction": "received" });
      told = now;
    };
  }
}
