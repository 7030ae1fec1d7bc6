/**
 * What the star tells a job: hands each piece of news to those in the job whom it concerns: the run, the wind-down, the story, the
 * watch for deadlocks. It decides nothing.
 */
import type { RankLostError, TransportError } from "../errors.ts";
import { fairTimeout } from "../fair-timeout.ts";
import type { RankStanding, Received } from "../wire/messages.ts";
import type { DeadlockWatch } from "./deadlock-watch.ts";
import type { JobRun } from "./job-run.ts";
import type { JobMessage, Star, StarListener } from "./star.ts";
import type { RankChange } from "./story.ts";
import type { StoryWriter } from "./story-writer.ts";
import type { WindDown } from "./wind-down.ts";

/** Whom in the job news may concern. */
export interface Concerned {
  readonly job: number;
  readonly star: Pick<Star, "owesNothing" | "attend">;
  readonly story: StoryWriter;
  /** Of a job whose ranks talk to each other. */
  readonly watch: DeadlockWatch | undefined;
  /** Whether its ranks talk to each other. */
  readonly together: boolean;
  /** Since the job began. */
  run(): JobRun | undefined;
  /** Since it began to end. */
  windDown(): WindDown | undefined;
  rankLost(rank: number): void;
  fail(error: unknown): void;
  /** Something that observers see is new. */
  changed(): void;
}

/** For so long partials may be under way that their host's word has overtaken, in ms, before the host is to be heard of again. */
const overtakenMs = 1000;

export class JobNews implements StarListener {
  readonly #concerned: Concerned;
  /** By host: ends the time-out for partials that were overtaken. */
  readonly #overtaken = new Map<string, () => void>();

  constructor(concerned: Concerned) {
    this.#concerned = concerned;
  }

  message(host: string, message: Received<JobMessage>): void {
    const { job, run, windDown } = this.#concerned;
    const { head } = message;
    if (head.job !== job) return;
    if (head.kind === "Stopped") windDown()?.stopped(host, head.forced);
    else if (head.kind === "Idle") this.#saidIdle(host, head.assignments);
    else run()?.message(message);
  }

  ranksReported(change?: RankChange): void {
    const { job, story, changed } = this.#concerned;
    if (change?.job === job) story.rankChanged(change);
    changed();
  }

  ranksStand(standings: readonly RankStanding[]): void {
    this.#concerned.watch?.told(standings);
  }

  hostBack(ranks: readonly number[]): void {
    const { story, run, changed } = this.#concerned;
    for (const rank of ranks) story.rankBack(rank);
    run()?.resume();
    changed();
  }

  hostLost(host: string, errors: readonly RankLostError[]): void {
    const { story, run, windDown, rankLost, changed } = this.#concerned;
    for (const error of errors) {
      story.rankLost(error);
      rankLost(error.rank);
    }
    const ranks = errors.map(({ rank }) => rank);
    if (errors[0]) run()?.ranksLost(ranks, errors[0]);
    windDown()?.hostGone(host);
    changed();
  }

  /** A job that is ending already waits no longer for that host: its answer may be what was refused. */
  hostRefused(host: string, error: TransportError): void {
    const ending = this.#concerned.windDown();
    this.fail(error);
    ending?.hostGone(host);
  }

  /** Nobody minds but ranks that talk to each other, and have not yet given what they had to give. */
  parted(error: TransportError | RankLostError): void {
    const { together, run } = this.#concerned;
    if (together && !run()?.complete) this.fail(error);
  }

  fail(error: unknown): void {
    this.#concerned.fail(error);
  }

  #saidIdle(host: string, assignments: number): void {
    const { star, run, windDown } = this.#concerned;
    const { tally } = run() ?? {};
    tally?.saidIdle(host, assignments);
    if (tally?.hasGivenAll(host)) star.owesNothing(host);
    else this.#expectPartials(host);
    windDown()?.saidIdle(host);
  }

  /** Idle, a host gives no sign of life; but one that is lost before its partials are here must be noticed. */
  #expectPartials(host: string): void {
    const { star, run, windDown } = this.#concerned;
    const late = (): void => {
      if (!windDown() && run()?.tally.attend(host)) star.attend(host);
    };
    this.#overtaken.get(host)?.();
    this.#overtaken.set(host, fairTimeout(late, overtakenMs, { keepsAlive: false }));
  }

  /** The job has settled. */
  close(): void {
    for (const forget of this.#overtaken.values()) forget();
  }
}
