/** A communication that is started again and again with the same arguments. MPI 4.1 section 3.9 and, for collectives, 6.13. */
import { UsageError } from "../errors.ts";
import type { Messenger } from "./messenger.ts";
import { type Pending, Request } from "./request.ts";
import type { Wait } from "./wait-for.ts";

/** Between two starts it is inactive: waiting gives the last result again, and the forms for any or some pass it over. */
export class PersistentRequest<Result> extends Request<Result> {
  readonly #run: Run<Result>;

  /** Made by `sendInit`, `recvInit` and `persistent`. */
  constructor(messenger: Messenger, what: string, begin: () => Request<Result>) {
    const run = new Run(what, () => Request.pendingOf(begin()));
    super(messenger, run, false);
    this.#run = run;
  }

  /** Starts once more; returns itself. MPI_Start. @throws UsageError when it is still under way */
  start(): this {
    this.#run.start();
    this.reopen();
    return this;
  }

  /** Starts all of these, in order. MPI_Startall. */
  static startAll(requests: readonly PersistentRequest<unknown>[]): void {
    for (const request of requests) request.start();
  }
}

/** What a persistent request waits for: the communication that it started last. */
class Run<Result> implements Pending<Result> {
  readonly what: string;
  readonly #begin: () => Pending<Result>;
  #current: Pending<Result> | undefined;

  constructor(what: string, begin: () => Pending<Result>) {
    this.what = what;
    this.#begin = begin;
  }

  start(): void {
    if (this.#current && !this.isOver) throw new UsageError(`${this.what} is still under way; wait for it first.`);
    this.#current = this.#begin();
  }

  get isOver(): boolean {
    return this.#started.isOver;
  }
  get hasFailed(): boolean {
    return this.#started.hasFailed;
  }
  waits(): readonly Wait[] {
    return this.#started.waits();
  }
  result(): Result {
    return this.#started.result();
  }
  cancel(): boolean {
    return this.#started.cancel();
  }

  get #started(): Pending<Result> {
    if (!this.#current) throw new UsageError(`${this.what} was not started.`);
    return this.#current;
  }
}
