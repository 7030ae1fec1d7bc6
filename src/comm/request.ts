/** A communication under way: wait for it, look whether it is done, or block until it is. MPI 4.1 section 3.7. */
import { UsageError } from "../errors.ts";
import type { Messenger } from "./messenger.ts";

const noLimit = Number.POSITIVE_INFINITY;

/** What a request waits for. */
export interface Pending<Result> {
  /** For errors: `recv from rank 2, tag 7`. */
  readonly what: string;
  readonly isOver: boolean;
  /** @throws what it failed with */
  result(): Result;
}

export class Request<Result> {
  readonly #messenger: Messenger;
  readonly #pending: Pending<Result>;

  constructor(messenger: Messenger, pending: Pending<Result>) {
    this.#messenger = messenger;
    this.#pending = pending;
  }

  /** True when it is over; makes progress. MPI_Test without its result. */
  get done(): boolean {
    if (!this.#pending.isOver) this.#messenger.progress();
    return this.#pending.isOver;
  }

  /** The result when it is done, else undefined. MPI_Test. @throws what the communication failed with */
  test(): Result | undefined {
    return this.done ? this.#pending.result() : undefined;
  }

  /** MPI_Wait. @throws CommunicationTimeoutError, and what the communication failed with */
  async wait({ timeoutMs = noLimit }: { readonly timeoutMs?: number } = {}): Promise<Result> {
    await this.#messenger.wait(
      () => this.#pending.isOver,
      timeoutMs,
      () => this.#pending.what,
    );
    return this.#pending.result();
  }

  /** As `wait`; blocks the thread. */
  waitSync({ timeoutMs = noLimit }: { readonly timeoutMs?: number } = {}): Result {
    this.#messenger.waitSync(
      () => this.#pending.isOver,
      timeoutMs,
      () => this.#pending.what,
    );
    return this.#pending.result();
  }

  /** Waits for all of these; gives their results in the same order. MPI_Waitall. */
  static async waitAll<Results extends readonly Request<unknown>[]>(
    requests: Results,
    options?: { readonly timeoutMs?: number },
  ): Promise<{ -readonly [I in keyof Results]: Results[I] extends Request<infer Result> ? Result : never }> {
    return (await Promise.all(requests.map((request) => request.wait(options)))) as never;
  }

  /** Waits for the first of these that is done; gives its index and result. MPI_Waitany. */
  static async waitAny<Result>(
    requests: readonly Request<Result>[],
    { timeoutMs = noLimit }: { readonly timeoutMs?: number } = {},
  ): Promise<{ index: number; result: Result }> {
    const first = () => requests.findIndex((request) => request.#pending.isOver);
    const [any] = requests;
    if (!any) throw new UsageError("waitAny needs at least one request.");
    await any.#messenger.wait(
      () => first() >= 0,
      timeoutMs,
      () => `the first of ${requests.length} requests`,
    );
    const index = first();
    return { index, result: requests[index]!.#pending.result() };
  }
}
