/**
 * Which ranks can be given work: each has so many assignments at the most, and who has fewest comes first. Every call takes
 * the same time however many ranks there are: a step that looks at all of them for each partial would be quadratic.
 */
export class Credits implements Iterable<number> {
  /** The hungry by how many assignments they have, each in the order in which they came to that number. */
  readonly #byLoad: readonly Set<number>[];
  /** Of every live rank. */
  readonly #load = new Map<number, number>();
  /** Hungry ranks that have not been asked about since they came, or since they had one assignment less. */
  readonly #fresh = new Set<number>();

  /** @param credit how many assignments a rank has at the most */
  constructor(credit: number) {
    this.#byLoad = Array.from({ length: credit }, () => new Set<number>());
  }

  /** A rank that lives, and has nothing yet. One that is known stays as it is. */
  enter(rank: number): void {
    if (!this.#load.has(rank)) this.#put(rank, 0);
  }

  /** The rank is lost. */
  leave(rank: number): void {
    this.#byLoad[this.#load.get(rank) ?? -1]?.delete(rank);
    this.#load.delete(rank);
    this.#fresh.delete(rank);
  }

  /** It was given an assignment. */
  given(rank: number): void {
    this.#change(rank, +1);
  }

  /** It has answered one. */
  returned(rank: number): void {
    this.#change(rank, -1);
    if (this.has(rank)) this.#fresh.add(rank);
  }

  /** True while the rank can be given more. */
  has(rank: number): boolean {
    const load = this.#load.get(rank);
    return load !== undefined && load < this.#byLoad.length;
  }

  /** How many ranks can be given more. */
  get size(): number {
    return this.#byLoad.reduce((sum, { size }) => sum + size, 0);
  }

  /** Of those with the least to do, who has waited longest. */
  first(): number | undefined {
    for (const ranks of this.#byLoad) for (const rank of ranks) return rank;
    return undefined;
  }

  /** Those that became hungrier since the last call. */
  takeFresh(): number[] {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    return fresh;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const ranks of this.#byLoad) yield* ranks;
  }

  #change(rank: number, by: number): void {
    const load = this.#load.get(rank);
    if (load === undefined) return;
    this.#byLoad[load]?.delete(rank);
    this.#put(rank, load + by);
  }

  #put(rank: number, load: number): void {
    this.#load.set(rank, load);
    this.#byLoad[load]?.add(rank);
    if (load === 0) this.#fresh.add(rank);
    if (load >= this.#byLoad.length) this.#fresh.delete(rank);
  }
}
