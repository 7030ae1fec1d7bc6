/** A communication under way: wait for it, look whether it is done, or block until it is. MPI 4.1 section 3.7. */
import { UsageError } from "../errors.ts";
import type { Messenger } from "./messenger.ts";
import type { Wait } from "./wait-for.ts";
import type { Awaitable } from "./waiting.ts";

const noLimit = Number.POSITIVE_INFINITY;

/** What a request waits for. */
export interface Pending<Result> {
  /** For errors: `recv from rank 2, tag 7`. */
  readonly what: string;
  readonly isOver: boolean;
  /** True when it is over and has failed. */
  readonly hasFailed: boolean;
  /** Whom it needs now, to go on. */
  waits(): readonly Wait[];
  /** @throws what it failed with */
  result(): Result;
  /** Takes it back; false when it can't be. */
  cancel(): boolean;
}

/** How long to wait. */
export interface WaitOptions {
  /** Default: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** One of several requests that is done. */
export interface Completed<Result> {
  /** Of the request in the list. */
  readonly index: number;
  readonly result: Result;
}

/** How many of several requests have to be done. */
type Which = "all" | "some" | "the first";

/** The results of a list of requests. */
type ResultsOf<Requests extends readonly Request<unknown>[]> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer Result> ? Result : never;
};

export class Request<Result> {
  readonly #messenger: Messenger;
  readonly #pending: Pending<Result>;
  #cancelled = false;
  /** True when its result was given to somebody: those who wait for any or some then look at the others only. */
  #given: boolean;

  /** Made by the communicator. */
  constructor(messenger: Messenger, pending: Pending<Result>, isActive = true) {
    this.#messenger = messenger;
    this.#pending = pending;
    this.#given = !isActive;
  }

  /** True when it is over; makes progress. MPI_Request_get_status. */
  get done(): boolean {
    if (!this.#pending.isOver) this.#messenger.progress();
    return this.#pending.isOver;
  }

  /** True when `cancel` took it back; its result is an empty message then. MPI_Test_cancelled. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /**
   * Takes back a receive that has no message yet. True when it was taken back. A send is never taken back, which MPI 4.1 section
   * 3.8.4 allows (cancelling sends is deprecated there). MPI_Cancel.
   *
   * @throws UsageError for a collective
   */
  cancel(): boolean {
    this.#cancelled ||= this.#pending.cancel();
    return this.#cancelled;
  }

  /** The result when it is done, else undefined. MPI_Test. @throws what the communication failed with */
  test(): Result | undefined {
    return this.done ? this.#take() : undefined;
  }

  /** MPI_Wait. @throws CommunicationTimeoutError, and what the communication failed with */
  wait({ timeoutMs = noLimit }: WaitOptions = {}): Promise<Result> {
    return this.#messenger.wait(this.#pending, timeoutMs, () => this.#take());
  }

  /** As `wait`; blocks the thread. */
  waitSync({ timeoutMs = noLimit }: WaitOptions = {}): Result {
    this.#messenger.waitSync(this.#pending, timeoutMs);
    return this.#take();
  }

  /** Waits for all of these, or until one fails; gives their results in the same order. MPI_Waitall. */
  static async waitAll<Requests extends readonly Request<unknown>[]>(
    requests: Requests,
    options?: WaitOptions,
  ): Promise<ResultsOf<Requests>> {
    await Request.#wait(requests, "all", options);
    return Request.#takeAll(requests);
  }

  /** As `waitAll`; blocks the thread. */
  static waitAllSync<Requests extends readonly Request<unknown>[]>(
    requests: Requests,
    options?: WaitOptions,
  ): ResultsOf<Requests> {
    Request.#waitSync(requests, "all", options);
    return Request.#takeAll(requests);
  }

  /** All results when all of these are done, else undefined. MPI_Testall. */
  static testAll<Requests extends readonly Request<unknown>[]>(requests: Requests): ResultsOf<Requests> | undefined {
    return requests.every((request) => request.done) ? Request.#takeAll(requests) : undefined;
  }

  /**
   * Waits for the first of these that is done. Each request is given once: what an earlier call gave is not looked at. MPI_Waitany.
   * @throws UsageError when all were given before
   */
  static async waitAny<Result>(
    requests: readonly Request<Result>[],
    options?: WaitOptions,
  ): Promise<Completed<Result>> {
    const open = Request.#open(requests);
    if (open.length === 0) throw noneOpen();
    await Request.#wait(open, "the first", options);
    return Request.testAny(requests)!;
  }

  /** As `waitAny`; blocks the thread. */
  static waitAnySync<Result>(requests: readonly Request<Result>[], options?: WaitOptions): Completed<Result> {
    const open = Request.#open(requests);
    if (open.length === 0) throw noneOpen();
    Request.#waitSync(open, "the first", options);
    return Request.testAny(requests)!;
  }

  /** The first of these that is done and was not given before, or undefined. MPI_Testany. */
  static testAny<Result>(requests: readonly Request<Result>[]): Completed<Result> | undefined {
    const index = requests.findIndex((request) => !request.#given && request.done);
    return index < 0 ? undefined : { index, result: requests[index]!.#take() };
  }

  /** Waits until at least one of these is done; gives all that are, each once. Empty when all were given before. MPI_Waitsome. */
  static async waitSome<Result>(
    requests: readonly Request<Result>[],
    options?: WaitOptions,
  ): Promise<Completed<Result>[]> {
    const open = Request.#open(requests);
    if (open.length === 0) return [];
    await Request.#wait(open, "some", options);
    return Request.testSome(requests);
  }

  /** As `waitSome`; blocks the thread. */
  static waitSomeSync<Result>(requests: readonly Request<Result>[], options?: WaitOptions): Completed<Result>[] {
    const open = Request.#open(requests);
    if (open.length === 0) return [];
    Request.#waitSync(open, "some", options);
    return Request.testSome(requests);
  }

  /** Those of these that are done and were not given before. MPI_Testsome. */
  static testSome<Result>(requests: readonly Request<Result>[]): Completed<Result>[] {
    const found: Completed<Result>[] = [];
    for (const [index, request] of requests.entries())
      if (!request.#given && request.done) found.push({ index, result: request.#take() });
    return found;
  }

  /** Each of these as it becomes done: `for await (const { index, result } of Request.asCompleted(requests))`. */
  static async *asCompleted<Result>(
    requests: readonly Request<Result>[],
    options?: WaitOptions,
  ): AsyncGenerator<Completed<Result>, void, void> {
    while (Request.#open(requests).length > 0) yield await Request.waitAny(requests, options);
  }

  /** A persistent request starts once more. */
  protected reopen(): void {
    this.#given = false;
    this.#cancelled = false;
  }

  protected static pendingOf<Result>(request: Request<Result>): Pending<Result> {
    return request.#pending;
  }

  #take(): Result {
    this.#given = true;
    return this.#pending.result();
  }

  static #open<Result>(requests: readonly Request<Result>[]): Request<Result>[] {
    return requests.filter((request) => !request.#given);
  }

  /** @throws what the first of those that failed did fail with */
  static #takeAll<Requests extends readonly Request<unknown>[]>(requests: Requests): ResultsOf<Requests> {
    return requests.map((request) => request.#take()) as ResultsOf<Requests>;
  }

  static async #wait(requests: readonly Request<unknown>[], which: Which, options: WaitOptions = {}): Promise<void> {
    const [first] = requests;
    const { timeoutMs = noLimit } = options;
    if (first) await first.#messenger.wait(Request.#several(requests, which), timeoutMs, () => {});
  }

  static #waitSync(requests: readonly Request<unknown>[], which: Which, options: WaitOptions = {}): void {
    const [first] = requests;
    const { timeoutMs = noLimit } = options;
    if (first) first.#messenger.waitSync(Request.#several(requests, which), timeoutMs);
  }

  static #several(requests: readonly Request<unknown>[], which: Which): Awaitable {
    return new Several(
      requests.map((request) => request.#pending),
      which,
    );
  }
}

/** Some requests that are waited for together. */
class Several implements Awaitable {
  readonly any: boolean;
  readonly #all: readonly Pending<unknown>[];
  readonly #which: Which;
  /** So many at the front are over: each is looked at once when it is. */
  #over = 0;

  constructor(all: readonly Pending<unknown>[], which: Which) {
    this.#all = all;
    this.#which = which;
    this.any = which !== "all";
  }

  get what(): string {
    return `${this.#which} of ${this.#all.length} requests`;
  }

  /** Of all: true also when one of those at the front has failed. */
  get isOver(): boolean {
    if (this.any) return this.#all.some(({ isOver }) => isOver);
    for (; this.#over < this.#all.length; this.#over++) {
      const pending = this.#all[this.#over]!;
      if (!pending.isOver) return false;
      if (pending.hasFailed) return true;
    }
    return true;
  }

  waits(): readonly Wait[] {
    return this.#all.flatMap((pending) => (pending.isOver ? [] : pending.waits()));
  }
}

function noneOpen(): UsageError {
  return new UsageError("nothing to wait for: all of these requests were waited for already.");
}
