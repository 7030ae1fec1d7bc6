/** Writes a job's story from what the job hears: the events and states of its own machine, and the reports of the ranks. */
import type { SnapshotFrom } from "xstate";
import type { JobStateName, jobMachine } from "../actors/job-machine.ts";
import type { RankLostError } from "../errors.ts";
import type { RankStateName } from "../wire/messages.ts";
import type { RankChange, Story, TransitionRecord } from "./story.ts";

export class StoryWriter {
  readonly #story: Story;
  /** The host of each rank. */
  readonly #hosts: readonly string[];
  #state: JobStateName = "idle";
  #event = "";

  constructor(story: Story, hosts: readonly string[]) {
    this.#story = story;
    this.#hosts = hosts;
  }

  /** The job's own machine takes this event now. */
  heard(event: string): void {
    this.#event = event;
  }

  /** It has taken it. */
  jobMoved({ value: to, context }: SnapshotFrom<typeof jobMachine>): void {
    const from = this.#state;
    if (to === from) return;
    this.#state = to;
    const cause = to === "failed" ? context.error?.message : context.reason;
    this.#write(undefined, { from, to, event: this.#event, ...because(cause) });
  }

  rankChanged({ rank, from, to, part, event, atMs: timeMs, forced, cause }: RankChange): void {
    const forcedCause = forced ? "it did not stop within the grace and lost its compute thread" : undefined;
    this.#write(rank, { timeMs, from, to, ...(part !== null && { part }), event, ...because(cause ?? forcedCause) });
  }

  rankLost({ rank, state, message }: RankLostError): void {
    this.#write(rank, { from: state as RankStateName, to: "lost", event: "rank.lost", cause: message });
  }

  rankBack(rank: number): void {
    this.#write(rank, { from: "lost", to: "idle", event: "host.back" });
  }

  #write(
    rank: number | undefined,
    entry: Omit<TransitionRecord, "seq" | "job" | "rank" | "host" | "timeMs"> & { timeMs?: number },
  ): void {
    const host = this.#hosts[rank ?? 0] ?? "";
    this.#story.add({ timeMs: performance.timeOrigin + performance.now(), rank, host, ...entry });
  }
}

function because(cause: string | null | undefined): { cause?: string } {
  return cause === null || cause === undefined ? {} : { cause };
}
