/**
 * Combines accumulators in the order of a fixed binary tree, as they come: chunk 0 with 1, 2 with 3, then the pairs, and so
 * on. A whole subtree may be folded elsewhere and pushed as one, which gives bitwise the same. Holds at most one
 * accumulator per level.
 */
export class OrderedFold<Acc> {
  readonly #combine: (a: Acc, b: Acc) => Acc;
  readonly #pending: { acc: Acc; level: number }[] = [];

  /** @param combine called with neighbours, the one of the earlier samples first; may change and return `a` */
  constructor(combine: (a: Acc, b: Acc) => Acc) {
    this.#combine = combine;
  }

  /** Takes what follows: one chunk (level 0), or a whole subtree of 2^level chunks that begins at a multiple of 2^level. */
  push(acc: Acc, level = 0): void {
    let node = { acc, level };
    for (let last = this.#pending.at(-1); last?.level === node.level; last = this.#pending.at(-1)) {
      this.#pending.pop();
      node = { acc: this.#combine(last.acc, node.acc), level: node.level + 1 };
    }
    this.#pending.push(node);
  }

  /** Everything combined, and the level of the tree that it is the root of. Call it once, after at least one `push`. */
  finish(): { acc: Acc; level: number } {
    let node = this.#pending.pop()!;
    for (let last = this.#pending.pop(); last; last = this.#pending.pop())
      node = { acc: this.#combine(last.acc, node.acc), level: last.level + 1 };
    return node;
  }
}
