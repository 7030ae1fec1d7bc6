/** A queue out of whose middle an item can be removed in constant time; the matching engine is made of these. */

/** The place of one item in one queue. */
export interface Cell<Item> {
  readonly item: Item;
  /** Grows with every item pushed anywhere: tells which of two heads is older. */
  readonly order: number;
  readonly queue: Queue<Item>;
  before: Cell<Item> | undefined;
  after: Cell<Item> | undefined;
}

/** First in, first out. `key` is where its owner keeps it. */
export class Queue<Item> implements Iterable<Cell<Item>> {
  readonly key: number;
  first: Cell<Item> | undefined;
  #last: Cell<Item> | undefined;

  constructor(key: number) {
    this.key = key;
  }

  push(item: Item, order: number): Cell<Item> {
    const cell: Cell<Item> = { item, order, queue: this, before: this.#last, after: undefined };
    if (this.#last === undefined) this.first = cell;
    else this.#last.after = cell;
    this.#last = cell;
    return cell;
  }

  /** The cell must be one of this queue, and be removed once only. */
  remove(cell: Cell<Item>): void {
    if (cell.before === undefined) this.first = cell.after;
    else cell.before.after = cell.after;
    if (cell.after === undefined) this.#last = cell.before;
    else cell.after.before = cell.before;
  }

  *[Symbol.iterator](): Iterator<Cell<Item>> {
    for (let cell = this.first; cell !== undefined; cell = cell.after) yield cell;
  }
}
