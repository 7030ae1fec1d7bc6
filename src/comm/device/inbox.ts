/**
 * A rank's inbox in shared memory: a bounded queue of fixed-size cells that many threads write and one reads, without locks
 * (Vyukov's bounded queue: each cell has a sequence number that says whose turn it is). Whoever waits, for mail or for
 * space, spins a little and then sleeps on a word that the other side rings.
 */

/** Bytes of one cell, its header included. */
const cellBytes = 8192;
/** Words of a cell's header: its sequence number, the payload's length, then what the sender put there. */
const headerWords = 16;
const headerBytes = headerWords * 4;
/** Where the words of a fragment's header begin; there are `fragmentWords` of them. */
const firstWord = 2;
export const fragmentWords = headerWords - firstWord;
/** Most payload bytes of one fragment. */
export const fragmentBytes = cellBytes - headerBytes;

/** Positions of the words that are not in cells, each group on a cache line of its own. */
const word = { enqueue: 0, mail: 16, readerSleeps: 17, space: 32, writersSleep: 33 };
const frontBytes = 256;

/** Up to this many bytes are copied one by one: a call of `set` costs more. */
const copiedByHand = 64;

/** What a reader gets of a fragment; valid only while it is called. */
export type TakeFragment = (words: Int32Array, at: number, bytes: Uint8Array, from: number, length: number) => void;

export class Inbox {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #mask: number;
  /** The reader's place; only the one reader counts. */
  #read = 0;

  /** @param cells a power of two */
  static byteLength(cells: number): number {
    return frontBytes + cells * cellBytes;
  }

  /** Prepares fresh (zeroed) memory. */
  static initialise(buffer: SharedArrayBuffer, byteOffset: number, cells: number): void {
    const words = new Int32Array(buffer, byteOffset, Inbox.byteLength(cells) / 4);
    for (let cell = 0; cell < cells; cell++) words[cellWord(cell)] = cell;
  }

  constructor(buffer: SharedArrayBuffer, byteOffset: number, cells: number) {
    this.#words = new Int32Array(buffer, byteOffset, Inbox.byteLength(cells) / 4);
    this.#bytes = new Uint8Array(buffer, byteOffset, Inbox.byteLength(cells));
    this.#mask = cells - 1;
  }

  /** Puts a fragment in; false when the inbox is full. */
  push(header: Int32Array, payload: Uint8Array, from: number, length: number): boolean {
    const words = this.#words;
    for (;;) {
      const place = Atomics.load(words, word.enqueue);
      const at = cellWord(place & this.#mask);
      const turn = (Atomics.load(words, at) - place) | 0;
      if (turn < 0) return false;
      if (turn > 0 || Atomics.compareExchange(words, word.enqueue, place, (place + 1) | 0) !== place) continue;
      words[at + 1] = length;
      for (let i = 0; i < fragmentWords; i++) words[at + firstWord + i] = header[i];
      this.#copyIn(payload, from, length, at * 4 + headerBytes);
      Atomics.store(words, at, (place + 1) | 0);
      this.ringIfAsleep();
      return true;
    }
  }

  /** Hands the oldest fragment over; false when there is none. */
  pop(take: TakeFragment): boolean {
    const words = this.#words;
    const at = cellWord(this.#read & this.#mask);
    if (Atomics.load(words, at) !== ((this.#read + 1) | 0)) return false;
    take(words, at + firstWord, this.#bytes, at * 4 + headerBytes, words[at + 1]);
    Atomics.store(words, at, (this.#read + this.#mask + 1) | 0);
    this.#read = (this.#read + 1) | 0;
    if (Atomics.load(words, word.writersSleep) !== 0) this.#ringWriters();
    return true;
  }

  hasMail(): boolean {
    return Atomics.load(this.#words, cellWord(this.#read & this.#mask)) === ((this.#read + 1) | 0);
  }

  hasSpace(): boolean {
    const place = Atomics.load(this.#words, word.enqueue);
    return ((Atomics.load(this.#words, cellWord(place & this.#mask)) - place) | 0) >= 0;
  }

  /** Sleeps until there is mail, at most `timeoutMs`, and not when `busy` says that there is something to do. The reader only. */
  sleepForMail(timeoutMs: number, busy: () => boolean = never): void {
    const seen = this.#aboutToSleepForMail();
    if (!this.hasMail() && !busy()) Atomics.wait(this.#words, word.mail, seen, timeoutMs);
    Atomics.store(this.#words, word.readerSleeps, 0);
  }

  /** The same as a promise. */
  async mail(timeoutMs: number, busy: () => boolean = never): Promise<void> {
    const seen = this.#aboutToSleepForMail();
    if (!this.hasMail() && !busy()) await waitAsync(this.#words, word.mail, seen, timeoutMs);
    Atomics.store(this.#words, word.readerSleeps, 0);
  }

  /** Sleeps until there is space, at most `timeoutMs`. */
  sleepForSpace(timeoutMs: number): void {
    Atomics.add(this.#words, word.writersSleep, 1);
    const seen = Atomics.load(this.#words, word.space);
    if (!this.hasSpace()) Atomics.wait(this.#words, word.space, seen, timeoutMs);
    Atomics.sub(this.#words, word.writersSleep, 1);
  }

  /** Resolves when there is space, or after `timeoutMs`. */
  async space(timeoutMs: number): Promise<void> {
    Atomics.add(this.#words, word.writersSleep, 1);
    const seen = Atomics.load(this.#words, word.space);
    if (!this.hasSpace()) await waitAsync(this.#words, word.space, seen, timeoutMs);
    Atomics.sub(this.#words, word.writersSleep, 1);
  }

  /** Wakes the reader if it sleeps: something else than mail has come for it. */
  ringIfAsleep(): void {
    if (Atomics.load(this.#words, word.readerSleeps) !== 0) this.ringReader();
  }

  /** Wakes the reader, mail or not. */
  ringReader(): void {
    Atomics.add(this.#words, word.mail, 1);
    Atomics.notify(this.#words, word.mail);
  }

  #ringWriters(): void {
    Atomics.add(this.#words, word.space, 1);
    Atomics.notify(this.#words, word.space);
  }

  #aboutToSleepForMail(): number {
    Atomics.store(this.#words, word.readerSleeps, 1);
    return Atomics.load(this.#words, word.mail);
  }

  #copyIn(payload: Uint8Array, from: number, length: number, to: number): void {
    if (length > copiedByHand) return this.#bytes.set(payload.subarray(from, from + length), to);
    for (let i = 0; i < length; i++) this.#bytes[to + i] = payload[from + i];
  }
}

function never(): boolean {
  return false;
}

function cellWord(cell: number): number {
  return (frontBytes + cell * cellBytes) / 4;
}

type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number,
) => { value: Promise<string> | string };

/** Not in TypeScript's library for our target; Node has it since 16. */
async function waitAsync(words: Int32Array, index: number, value: number, timeoutMs: number): Promise<void> {
  await (Atomics as unknown as { waitAsync: WaitAsync }).waitAsync(words, index, value, timeoutMs).value;
}
