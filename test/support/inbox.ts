/** Things that arrive, to be awaited one after the other. */
export class Inbox<T> {
  readonly all: T[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  readonly push = (item: T): void => {
    this.all.push(item);
    this.#wake?.();
  };

  /** The next one that was not taken yet. */
  async next(): Promise<T> {
    while (this.#taken >= this.all.length)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.all[this.#taken++]!;
  }

  async take(count: number): Promise<T[]> {
    const out: T[] = [];
    while (out.length < count) out.push(await this.next());
    return out;
  }
}
