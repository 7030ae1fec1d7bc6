/** A communication under way: wait for it, look whether it is done, or block until it is. MPI 4.1 section 3.7. */
import { UsageError } from "../errors.ts";
import type { Messenger, Operation, Received } from "./messenger.ts";

const noLimit = Number.POSITIVE_INFINITY;

export class Request<Result> {
  readonly #messenger: Messenger;
  readonly #operation: Operation;
  readonly #give: (received: Received | undefined) => Result;

  constructor(messenger: Messenger, operation: Operation, give: (received: Received | undefined) => Result) {
    this.#messenger = messenger;
    this.#operation = operation;
    this.#give = give;
  }

  /** True when it is over; makes progress. MPI_Test without its result. */
  get done(): boolean {
    if (this.#operation.outcome === undefined) this.#messenger.progress();
    return this.#operation.outcome !== undefined;
  }

  /** The result when it is done, else undefined. MPI_Test. @throws what the communication failed with */
  test(): Result | undefined {
    return this.done ? this.#result() : undefined;
  }

  /** MPI_Wait. @throws CommunicationTimeoutError, and what the communication failed with */
  async wait({ timeoutMs = noLimit }: { readonly timeoutMs?: number } = {}): Promise<Result> {
    await this.#messenger.wait(this.#isOver, timeoutMs, () => this.#operation.what);
    return this.#result();
  }

  /** As `wait`; blocks the thread. */
  waitSync({ timeoutMs = noLimit }: { readonly timeoutMs?: number } = {}): Result {
    this.#messenger.waitSync(this.#isOver, timeoutMs, () => this.#operation.what);
    return this.#result();
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
    const first = () => requests.findIndex((request) => request.#operation.outcome !== undefined);
    const [any] = requests;
    if (!any) throw new UsageError("waitAny needs at least one request.");
    await any.#messenger.wait(
      () => first() >= 0,
      timeoutMs,
      () => `the first of ${requests.length} requests`,
    );
    const index = first();
    return { index, result: requests[index]!.#result() };
  }

  readonly #isOver = (): boolean => this.#operation.outcome !== undefined;

  #result(): Result {
    const outcome = this.#operation.outcome!;
    if ("error" in outcome) throw outcome.error;
    return this.#give(outcome.received);
  }
}
