/**
 * What the ranks of a host have sent to each rank of their job: counted by each sender in its own thread, in memory that the host
 * process can look at whenever it likes. Nobody pays more for it than a few additions for each message.
 */
import type { FabricMap } from "./fabric.ts";

/** Before a row's pairs: the least bytes that must go from rank to rank, and from host to host, for what its rank wants done. */
const leastSlots = 2;
/** Rows begin on lines of cache of their own, since several threads write at the same time. */
const rowAlign = 16;

function rowLength(size: number): number {
  return Math.ceil((leastSlots + 2 * size) / rowAlign) * rowAlign;
}

/** Bytes of memory for so many ranks of a host, each with a row for all that it may send to. */
export function sentCountsBytes(rows: number, size: number): number {
  return rows * rowLength(size) * Float64Array.BYTES_PER_ELEMENT;
}

/** The least bytes that must go between ranks, and of those between hosts. */
export interface Least {
  readonly ranks: number;
  readonly hosts: number;
}

/** One rank's row, for its own thread to write. */
export class SentCounts {
  readonly #row: Float64Array;
  readonly #hosts: readonly number[];
  readonly #host: number;
  /** Beyond are the servers of windows. */
  readonly #ranks: number;
  readonly #serves: boolean;

  constructor({ counts, size, servers, localRanks, hosts }: FabricMap, rank: number) {
    const length = rowLength(size);
    this.#row = new Float64Array(counts, localRanks.indexOf(rank) * length * Float64Array.BYTES_PER_ELEMENT, length);
    this.#hosts = hosts;
    this.#host = hosts[rank]!;
    this.#ranks = size - servers;
    this.#serves = rank >= this.#ranks;
  }

  /** A message of so many bytes. @param payload true when it has to be sent in any case: a user's own message */
  sent(dest: number, bytes: number, payload: boolean): void {
    const at = leastSlots + 2 * dest;
    this.#row[at]! += 1;
    this.#row[at + 1]! += bytes;
    const window = this.#serves || dest >= this.#ranks;
    if (!payload && !window) return;
    if (!window) this.#row[0]! += bytes;
    if (this.#hosts[dest] !== this.#host) this.#row[1]! += bytes;
  }

  /** This rank's share of the least that a collective can do with. */
  needs({ ranks, hosts }: Least): void {
    this.#row[0]! += ranks;
    this.#row[1]! += hosts;
  }
}

/** All rows of a host, for its process to read. */
export class SentTable {
  readonly #map: FabricMap;
  readonly #rows: Float64Array;
  /** As they were when they were last told. */
  #told: Float64Array | undefined;

  constructor(map: FabricMap) {
    this.#map = map;
    this.#rows = new Float64Array(map.counts);
  }

  /** What the ranks of this host need at least. */
  least(): Least {
    const [sum, length] = [{ ranks: 0, hosts: 0 }, rowLength(this.#map.size)];
    for (let at = 0; at < this.#rows.length; at += length) {
      sum.ranks += this.#rows[at]!;
      sum.hosts += this.#rows[at + 1]!;
    }
    return sum;
  }

  /** Sender, receiver, messages and bytes of each pair that has sent since the last time, one after the other: the counts are since the start. */
  news(): number[] {
    const { size, servers, localRanks } = this.#map;
    const length = rowLength(size);
    const out: number[] = [];
    for (const [i, rank] of localRanks.entries()) {
      if (rank >= size - servers) continue;
      for (let dest = 0; dest < size - servers; dest++) {
        const at = i * length + leastSlots + 2 * dest;
        const messages = this.#rows[at]!;
        if (messages !== (this.#told?.[at] ?? 0)) out.push(rank, dest, messages, this.#rows[at + 1]!);
      }
    }
    this.#told = this.#rows.slice();
    return out;
  }
}
