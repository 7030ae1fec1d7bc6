/** Writes a job's story from what the job hears: the events and states of its own machine, and the reports of the ranks. */
import type { SnapshotFrom } from "xstate";
import type { JobStateName, jobMachine } from "../actors/job-machine.ts";
import type { RankLostError } from "../errors.ts";
import { nowMs } from "../now-ms.ts";
import type { RankStateName } from "../wire/messages.ts";
import type { RankChange, Story } from "./story.ts";

const forcedCause = "it did not stop within the grace and lost its compute thread";

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
    this.#story.add({ timeMs: nowMs(), rank: undefined, host: this.#hostOf(0), from, to, event: this.#event, cause });
  }

  rankChanged({ rank, from, to, part, event, atMs: timeMs, forced, cause }: RankChange): void {
    const host = this.#hostOf(rank);
    this.#story.add({ timeMs, rank, host, from, to, part, event, cause: cause ?? (forced ? forcedCause : undefined) });
  }

  rankLost({ rank, state, message }: RankLostError): void {
    const from = state as RankStateName;
    const host = this.#hostOf(rank);
    this.#story.add({ timeMs: nowMs(), rank, host, from, to: "lost", event: "rank.lost", cause: message });
  }

  rankBack(rank: number): void {
    this.#story.add({ timeMs: nowMs(), rank, host: this.#hostOf(rank), from: "lost", to: "idle", event: "host.back" });
  }

  #hostOf(rank: number): string {
    return this.#hosts[rank] ?? "";
  }
}
