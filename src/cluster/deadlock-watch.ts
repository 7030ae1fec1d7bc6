/** Looks, whenever ranks of a job that talk to each other have told where they stand, whether some of them can never go on. */
import { type Deadlock, explainDeadlock, type Standing } from "../comm/wait-for.ts";
import { DeadlockError } from "../errors.ts";
import type { RankStanding } from "../wire/messages.ts";

/** For so long, in ms, other ranks may still tell that they wait too: it changes nothing but the words. */
const hearOthersMs = 300;

/** What the job's driver still has to do with what ranks gave. */
export interface DriverWork {
  /** True when reduce has had what the rank gave and waits for more: what the rank ended with changes nothing any more. */
  hasTaken(rank: number): boolean;
}

export class DeadlockWatch {
  readonly #job: number;
  readonly #driver: DriverWork;
  readonly #found: (error: DeadlockError) => void;
  readonly #standings: (Standing | undefined)[];
  #timer: NodeJS.Timeout | undefined;
  /** Ranks are stuck, as far as they can tell; the driver may yet end the job otherwise. */
  #held = false;

  /** @param found gets the error with which the job has to end */
  constructor(job: number, size: number, driver: DriverWork, found: (error: DeadlockError) => void) {
    this.#job = job;
    this.#driver = driver;
    this.#found = found;
    this.#standings = new Array<Standing | undefined>(size).fill(undefined);
  }

  told(news: readonly RankStanding[]): void {
    for (const { rank, job, standing } of news) if (job === this.#job) this.#standings[rank] = standing ?? undefined;
    this.#look();
  }

  /** reduce waits for partials that have not come. */
  reduceStarved(): void {
    if (this.#held) this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (!this.#explain()) return;
    if (this.#standings.every((standing) => standing !== undefined)) this.#end();
    else this.#timer ??= setTimeout(() => this.#end(), hearOthersMs);
  }

  /**
   * That a rank has finished comes by another way than what it finished with, which may be the first cause of all this: an exit
   * code, a result with which reduce ends the rest. So what reduce has not seen goes first.
   */
  #explain(): Deadlock | undefined {
    const deadlock = explainDeadlock(this.#standings);
    const untaken = (standing: Standing | undefined, rank: number) =>
      standing?.doing === "finished" && !this.#driver.hasTaken(rank);
    this.#held = deadlock !== undefined && this.#standings.some(untaken);
    return this.#held ? undefined : deadlock;
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const deadlock = this.#explain();
    if (deadlock) this.#found(new DeadlockError(deadlock));
  }
}
