/** Who observes a job by `subscribe`: each gets a snapshot on every change, and is told once that the job is over. */
import { expected } from "../errors.ts";
import type { JobObserver, JobSnapshot } from "./job-facts.ts";
import { guarded } from "./story.ts";

type Entry = Exclude<JobObserver, (snapshot: JobSnapshot) => void>;

export class JobObservers {
  readonly #entries = new Set<Entry>();
  /** Those of them that want snapshots: who waits for the end only must not cost at each transition. */
  readonly #watching = new Set<Entry>();
  #over = false;

  /** @throws UsageError when it is no observer */
  add(observer: JobObserver): { unsubscribe(): void } {
    const entry = typeof observer === "function" ? { next: observer } : observer;
    if (typeof entry !== "object" || entry === null)
      throw expected("observer", "a function or an object { next, complete }", observer);
    if (this.#over) entry.complete?.();
    else {
      this.#entries.add(entry);
      if (entry.next) this.#watching.add(entry);
    }
    return { unsubscribe: () => this.#remove(entry) };
  }

  /** @param snapshot called only when somebody wants it: one of many ranks costs */
  tell(snapshot: () => JobSnapshot): void {
    if (this.#watching.size === 0) return;
    const now = snapshot();
    for (const entry of [...this.#watching]) guarded(() => entry.next?.(now));
  }

  /** Nothing more comes. */
  end(): void {
    this.#over = true;
    for (const entry of [...this.#entries]) guarded(() => entry.complete?.());
    this.#entries.clear();
    this.#watching.clear();
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    this.#watching.delete(entry);
  }
}
