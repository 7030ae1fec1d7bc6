/** Collects what the ranks of a host do and reports it together: transitions at once, progress a few times a second. */
import type { RankActor } from "../actors/rank-actor.ts";
import type { Standing } from "../comm/wait-for.ts";
import { gatherMs } from "../pace.ts";
import type { HostTalk, HostUsage, RankProgress, RankStanding, ToDriver, Transition } from "../wire/messages.ts";
import { UsageMeter } from "./usage-meter.ts";

/** How often progress is looked at while ranks compute. */
const progressEveryMs = 200;
/**
 * Between two looks at what this process uses, in ms: shorter ones tell little, since threads are measured in steps of 10. What
 * ranks have sent to each other is told as often.
 */
const usageEveryMs = 1000;
/** While a job is under way, a report goes out at least this often, be it empty: the driver knows by it that we live. */
const beatEveryMs = 600;

type Report = Extract<ToDriver, { kind: "Report" }>;

/** What a reporter has of its host. */
export interface ReporterSurroundings {
  /** What ranks have sent to each other; null when that is nothing new. */
  talk(): HostTalk | null;
  send(report: Report): void;
}

export class Reporter {
  readonly #ranks: readonly RankActor[];
  readonly #gatherMs: number;
  readonly #around: ReporterSurroundings;
  readonly #lastDone = new Map<number, number>();
  readonly #jobs = new Map<number, number>();
  /** The last of each rank that was not reported yet. */
  readonly #standings = new Map<number, RankStanding>();
  readonly #meter: UsageMeter;
  #usageMs = Number.NEGATIVE_INFINITY;
  #transitions: Transition[] = [];
  #scheduled: NodeJS.Timeout | undefined;
  #sentMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param size the number of ranks in all, for each of which the driver has to have the time */
  constructor(ranks: readonly RankActor[], size: number, around: ReporterSurroundings) {
    this.#ranks = ranks;
    this.#gatherMs = gatherMs(size);
    this.#around = around;
    this.#meter = new UsageMeter(ranks);
  }

  /** Transitions that follow each other closely go into one report. */
  add(transition: Transition): void {
    this.#transitions.push(transition);
    this.#jobs.set(transition.rank, transition.job);
    this.#scheduled ??= setTimeout(() => this.flush(), this.#gatherMs);
  }

  /** Goes out with the next report. */
  stands(rank: number, job: number, standing: Standing | undefined): void {
    this.#standings.set(rank, { rank, job, standing: standing ?? null });
  }

  /** Looks at the progress regularly from now on. */
  watch(): void {
    this.#timer ??= setInterval(
      () => this.flush(performance.now() - this.#sentMs >= beatEveryMs),
      progressEveryMs,
    ).unref();
  }

  unwatch(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#lastDone.clear();
  }

  /** @param evenEmpty to be heard of at all */
  flush(evenEmpty = false): void {
    clearTimeout(this.#scheduled);
    this.#scheduled = undefined;
    const progress = this.#newProgress();
    const standings = [...this.#standings.values()];
    if (!evenEmpty && this.#transitions.length + progress.length + standings.length === 0) return;
    this.#sentMs = performance.now();
    this.#around.send({ kind: "Report", transitions: this.#transitions, progress, standings, ...this.#nowAndThen() });
    this.#transitions = [];
    this.#standings.clear();
  }

  close(): void {
    clearTimeout(this.#scheduled);
    this.unwatch();
  }

  /** Nulls but now and then, while a job is under way. */
  #nowAndThen(): { usage: HostUsage | null; talk: HostTalk | null } {
    if (!this.#timer || this.#sentMs - this.#usageMs < usageEveryMs) return { usage: null, talk: null };
    this.#usageMs = this.#sentMs;
    return { usage: this.#meter.read(), talk: this.#around.talk() };
  }

  #newProgress(): RankProgress[] {
    const out: RankProgress[] = [];
    for (const { rank, memory } of this.#ranks) {
      const { done, total } = memory.progress();
      const job = this.#jobs.get(rank);
      if (job === undefined || done === (this.#lastDone.get(rank) ?? 0)) continue;
      this.#lastDone.set(rank, done);
      out.push({ rank, job, done, total });
    }
    return out;
  }
}
