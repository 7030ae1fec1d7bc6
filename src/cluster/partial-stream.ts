/** The partials of a job on their way to reduce: an async iterable, in the order of the parts or of arrival. */
import { UsageError } from "../errors.ts";

interface Waiter {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

export class PartialStream implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  readonly #order: "part" | "arrival";
  /** By part number, or by number of arrival. */
  readonly #arrived = new Map<number, unknown>();
  readonly #consumed: () => void;
  readonly #starved: () => void;
  #arrivals = 0;
  #next = 0;
  #ended = false;
  /** reduce looks at no more of them. */
  #returned = false;
  #failure: { readonly error: unknown } | undefined;
  #waiter: Waiter | undefined;

  /**
   * @param consumed is called whenever reduce took a partial
   * @param starved is called whenever reduce asks for one that has not come
   */
  constructor(order: "part" | "arrival", consumed: () => void, starved: () => void = () => {}) {
    this.#order = order;
    this.#consumed = consumed;
    this.#starved = starved;
  }

  /** True while reduce waits for a partial that has not come: it does nothing else. */
  get isStarved(): boolean {
    return this.#waiter !== undefined;
  }

  /** How many partials wait for reduce. */
  get waiting(): number {
    return this.#arrived.size;
  }

  push(part: number, partial: unknown): void {
    if (this.#returned) return;
    this.#arrived.set(this.#order === "part" ? part : this.#arrivals++, partial);
    this.#serve();
  }

  /** No more partials will come. */
  end(): void {
    this.#ended = true;
    this.#serve();
  }

  /** The job is over before reduce is: its next look at the partials throws. */
  abort(error: unknown): void {
    this.#failure ??= { error };
    this.#serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Only to say so: partials are still on their way when reduce begins. */
  [Symbol.iterator](): never {
    throw new UsageError("the partials arrive one by one: take them with `for await (const partial of partials)`.");
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#waiter)
      return Promise.reject(new TypeError("reduce asked for a partial while it was still waiting for one."));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#serve();
      if (this.isStarved) this.#starved();
    });
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#returned = true;
    this.#ended = true;
    this.#arrived.clear();
    return Promise.resolve({ done: true, value: undefined });
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    if (this.#failure) this.#answer(() => waiter.reject(this.#failure!.error));
    else if (this.#arrived.has(this.#next))
      this.#answer(() => waiter.resolve({ done: false, value: this.#takeNext() }));
    else if (this.#ended) this.#answer(() => waiter.resolve({ done: true, value: undefined }));
  }

  #answer(give: () => void): void {
    this.#waiter = undefined;
    give();
  }

  #takeNext(): unknown {
    const value = this.#arrived.get(this.#next);
    this.#arrived.delete(this.#next++);
    this.#consumed();
    return value;
  }
}
