/**
 * The end of a job on all hosts: tells them, and waits until each has confirmed that its ranks are idle, or is lost. Who was told
 * before that nothing more comes is not told again.
 */
import type { RankLostError } from "../errors.ts";
import { HostTally } from "./host-tally.ts";
import type { Star } from "./star.ts";

/** Of the reason that hosts are told, in characters; the driver keeps it whole. */
const longestReason = 1000;

/** Why, and how, what still runs is to stop. */
interface CancelReason {
  readonly reason: string;
  readonly force: boolean;
  /** For ranks that talk to each other: the one that they miss. */
  readonly lost?: RankLostError | undefined;
}

export class WindDown {
  readonly #star: Star;
  readonly #job: number;
  readonly #waitingFor: Set<string>;
  readonly #tally: HostTally;
  readonly #forced: number[] = [];
  readonly #done: () => void;
  /** Resolves when every live host has confirmed. */
  readonly finished: Promise<void>;

  /**
   * @param cancel the reason for which what still runs is to stop; undefined when nothing runs any more
   * @param tally what the hosts were given
   */
  constructor(star: Star, job: number, cancel: CancelReason | undefined, tally = new HostTally()) {
    this.#star = star;
    this.#job = job;
    this.#tally = cancel ? new HostTally() : tally;
    this.#waitingFor = new Set(star.liveHosts());
    let done = () => {};
    this.finished = new Promise((resolve) => {
      done = resolve;
    });
    this.#done = done;
    for (const host of [...this.#waitingFor]) {
      if (cancel) this.#cancel(host, cancel);
      else this.#finish(host);
    }
    this.#check();
  }

  #finish(host: string): void {
    if (this.#tally.isClosed(host)) this.saidIdle(host);
    else this.#star.send(host, { kind: "Finish", job: this.#job });
  }

  /** Ranks that did not stop by themselves. */
  get forcedRanks(): readonly number[] {
    return [...this.#forced].sort((a, b) => a - b);
  }

  /** Waits no longer for kernels to stop by themselves. */
  force(reason: string): void {
    for (const host of this.#waitingFor) this.#cancel(host, { reason, force: true });
  }

  stopped(host: string, forced: readonly number[]): void {
    for (const rank of forced) this.#forced.push(rank);
    this.hostGone(host);
  }

  /**
   * The host says that it is idle. That is enough where it was not cancelled, if it is idle with all that it was given; only then may
   * it forget the job: its last partials can be here before it has become idle.
   */
  saidIdle(host: string): void {
    if (!this.#waitingFor.has(host) || !this.#tally.isThrough(host)) return;
    if (this.#tally.holdsBlocks(host)) this.#star.send(host, { kind: "Forget", job: this.#job });
    this.hostGone(host);
  }

  hostGone(host: string): void {
    this.#waitingFor.delete(host);
    this.#check();
  }

  #cancel(host: string, { reason, force, lost }: CancelReason): void {
    this.#star.send(host, {
      kind: "Cancel",
      job: this.#job,
      reason: reason.slice(0, longestReason),
      force,
      lost: lost ? lossOf(lost) : null,
    });
  }

  #check(): void {
    if (this.#waitingFor.size === 0) this.#done();
  }
}

function lossOf({ rank, host, state, message }: RankLostError) {
  return { rank, host, state, message: message.slice(0, longestReason) };
}
