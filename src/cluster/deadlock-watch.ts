/** Looks, whenever ranks of a job that talk to each other have told where they stand, whether some of them can never go on. */
import { explainDeadlock, type Standing } from "../comm/wait-for.ts";
import { DeadlockError } from "../errors.ts";
import type { RankStanding } from "../wire/messages.ts";

/** For so long, in ms, other ranks may still tell that they wait too: it changes nothing but the words. */
const hearOthersMs = 300;

export class DeadlockWatch {
  readonly #job: number;
  readonly #found: (error: DeadlockError) => void;
  readonly #standings: (Standing | undefined)[];
  #timer: NodeJS.Timeout | undefined;

  /** @param found gets the error with which the job has to end */
  constructor(job: number, size: number, found: (error: DeadlockError) => void) {
    this.#job = job;
    this.#found = found;
    this.#standings = new Array<Standing | undefined>(size).fill(undefined);
  }

  told(news: readonly RankStanding[]): void {
    for (const { rank, job, standing } of news) if (job === this.#job) this.#standings[rank] = standing ?? undefined;
    if (!explainDeadlock(this.#standings)) return;
    if (this.#standings.every((standing) => standing !== undefined)) this.#end();
    else this.#timer ??= setTimeout(() => this.#end(), hearOthersMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #end(): void {
    this.close();
    const deadlock = explainDeadlock(this.#standings);
    if (deadlock) this.#found(new DeadlockError(deadlock));
  }
}
