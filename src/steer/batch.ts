/** Items that come one by one and are told together, at most so many at a time: who tells slowly misses some, and knows how many. */
export class Batch<Item> {
  readonly #most: number;
  readonly #everyMs: number;
  readonly #tell: (items: readonly Item[], missed: number) => void;
  #items: Item[] = [];
  #missed = 0;
  #cancel: (() => void) | undefined;

  /** @param everyMs how long the first item may wait; 0 is until the end of this turn of the event loop */
  constructor(most: number, everyMs: number, tell: (items: readonly Item[], missed: number) => void) {
    this.#most = most;
    this.#everyMs = everyMs;
    this.#tell = tell;
  }

  push(item: Item): void {
    if (this.#items.length < this.#most) this.#items.push(item);
    else this.#missed++;
    this.#cancel ??= this.#schedule();
  }

  flush(): void {
    this.close();
    if (this.#items.length === 0) return;
    const [items, missed] = [this.#items, this.#missed];
    this.#items = [];
    this.#missed = 0;
    this.#tell(items, missed);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): () => void {
    if (this.#everyMs === 0) {
      const immediate = setImmediate(() => this.flush());
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(() => this.flush(), this.#everyMs).unref();
    return () => clearTimeout(timer);
  }
}
