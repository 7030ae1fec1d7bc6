/**
 * What a job shows of itself: while it is under way what its machine, its run and the star say at that moment; once it has settled
 * what they said then, since ranks and counts are the next job's from there on.
 */
import type { SnapshotFrom } from "xstate";
import type { JobStateName, jobMachine } from "../actors/job-machine.ts";
import { expected } from "../errors.ts";
import { nowMs } from "../now-ms.ts";
import type { JobSnapshot, JobStats } from "./job-facts.ts";
import type { JobRun } from "./job-run.ts";
import { JobTimes } from "./job-times.ts";
import type { Star } from "./star.ts";
import { noTraffic } from "./traffic-counter.ts";

type Parts = JobRun["parts"];

/** Where the account looks. */
export interface AccountSources {
  readonly star: Pick<Star, "ranks" | "traffic">;
  machine(): SnapshotFrom<typeof jobMachine>;
  /** Undefined before there is a run. */
  parts(): Parts | undefined;
}

const noParts: Parts = { handedOut: 0, done: 0, again: 0, total: undefined, perRank: [] };

export class JobAccount {
  readonly times = new JobTimes();
  readonly #id: string;
  readonly #kernel: string;
  readonly #sources: AccountSources;
  readonly #notes = new Map<string, string>();
  #final: { readonly stats: JobStats; readonly snapshot: JobSnapshot } | undefined;

  constructor(id: string, kernel: string, sources: AccountSources) {
    this.#id = id;
    this.#kernel = kernel;
    this.#sources = sources;
  }

  /** For the statistics. @throws UsageError unless both are texts */
  note(name: string, text: string): void {
    if (typeof name !== "string" || typeof text !== "string") throw expected("note", "two texts", [name, text]);
    this.#notes.set(name, text);
  }

  get snapshot(): JobSnapshot {
    return this.#final?.snapshot ?? this.#currentSnapshot();
  }

  get stats(): JobStats {
    return this.#final?.stats ?? this.#currentStats();
  }

  /** The job has settled. */
  close(): void {
    this.times.end();
    this.#final = { stats: this.#currentStats(), snapshot: this.#currentSnapshot() };
  }

  #currentSnapshot(): JobSnapshot {
    const { value, context } = this.#sources.machine();
    const { perRank: _, ...parts } = this.#sources.parts() ?? noParts;
    return {
      id: this.#id,
      kernel: this.#kernel,
      value: value as JobStateName,
      reason: context.reason,
      elapsedMs: this.times.elapsedMs,
      parts,
      ranks: this.#sources.star.ranks.snapshot(),
    };
  }

  #currentStats(): JobStats {
    const { star } = this.#sources;
    // Before its turn, what the star counts is another job's.
    const { hasBegun, elapsedMs, inState } = this.times;
    const { perRank, again } = this.#sources.parts() ?? noParts;
    return {
      elapsedMs,
      ...(hasBegun ? star.traffic() : noTraffic),
      partsPerRank: [...perRank],
      partsAgain: again,
      notes: Object.fromEntries(this.#notes),
      timeInState: {
        job: inState,
        ranks: hasBegun ? star.ranks.timesInState(nowMs()) : [],
      },
    };
  }
}
