/**
 * A few words that a rank's compute thread and its host process share: the cancel flag, the progress counters, and which
 * thread it is. Both sides read and write them for nanoseconds, so that cancel reaches a thread that is busy in a synchronous loop.
 */

const cancelledJobWord = 0;
const threadWord = 1;
const progressSlot = { before: 1, done: 2, total: 3 } as const;
/** Behind the numbers: how long the text of a loss is, and the text. */
const lossWord = 8;
const lossByte = 36;
const longestLoss = 8192;
const byteLength = lossByte + longestLoss;

/** How far a rank is in its current job, in the kernel's own units. */
export interface Progress {
  readonly done: number;
  /** 0 where the kernel names none. */
  readonly total: number;
}

/** A rank that the others can't do without. */
export interface Loss {
  readonly rank: number;
  readonly host: string;
  readonly state: string;
  readonly message: string;
}

export class RankMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #loss: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(byteLength)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, lossByte / 4);
    this.#numbers = new Float64Array(buffer, 0, lossByte >> 3);
    this.#loss = new Uint8Array(buffer, lossByte, longestLoss);
  }

  /** Why the job is cancelled, when it is for a rank that is lost; set before `cancelUpTo`. For one side only. */
  set loss(loss: Loss | undefined) {
    const bytes = loss ? Buffer.from(JSON.stringify(loss)) : undefined;
    const fits = bytes !== undefined && bytes.byteLength <= longestLoss;
    if (fits) this.#loss.set(bytes);
    Atomics.store(this.#words, lossWord, fits ? bytes.byteLength : 0);
  }

  get loss(): Loss | undefined {
    const length = Atomics.load(this.#words, lossWord);
    return length === 0 ? undefined : (JSON.parse(Buffer.from(this.#loss.slice(0, length)).toString()) as Loss);
  }

  /** Cancels this job and all before it; a later job is not touched, so a late cancel means nothing. For one side only. */
  cancelUpTo(job: number): void {
    if (!this.isCancelled(job)) Atomics.store(this.#words, cancelledJobWord, job);
  }

  isCancelled(job: number): boolean {
    return Atomics.load(this.#words, cancelledJobWord) >= job;
  }

  /** The system's number of the compute thread; 0 where it has none. */
  get threadId(): number {
    return Atomics.load(this.#words, threadWord);
  }

  set threadId(id: number) {
    Atomics.store(this.#words, threadWord, id);
  }

  /** Forgets the progress of an earlier job. */
  resetProgress(): void {
    this.#numbers.fill(0, progressSlot.before);
  }

  /** What is no number that could be shown counts as 0: a kernel's slip in counting must not cost more than that. */
  setProgress(done: number, total: number): void {
    this.#numbers[progressSlot.done] = finite(done);
    this.#numbers[progressSlot.total] = finite(total);
  }

  /** The part is over: what it did counts to the job, and the next part starts at 0. */
  closePart(): void {
    this.#numbers[progressSlot.before] += this.#numbers[progressSlot.done];
    this.#numbers[progressSlot.done] = 0;
    this.#numbers[progressSlot.total] = 0;
  }

  /** Done in this job so far; the total is of the parts seen so far. */
  progress(): Progress {
    const before = this.#numbers[progressSlot.before];
    const total = this.#numbers[progressSlot.total];
    return { done: before + this.#numbers[progressSlot.done], total: total === 0 ? 0 : before + total };
  }
}

/** A kernel that searches without end may name Infinity; no message carries that. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
