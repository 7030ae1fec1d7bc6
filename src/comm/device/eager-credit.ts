/**
 * How much of small messages may lie between two ranks: on their way, or come and not received. A sender that has used up its
 * credit announces its messages instead, and waits to be asked for them; so a rank that receives slowly holds back those who send
 * to it, and nobody's memory fills.
 */

/** Of each rank towards each other, in bytes. */
const windowBytes = 1 << 17;
/** What a message costs beside its bytes. */
const messageBytes = 128;

export class EagerCredit {
  /** By destination: what was sent and is not free again. */
  readonly #used: Float64Array;
  /** By source: what was received and is not yet told. */
  readonly #owed: Float64Array;

  /** @param size ranks in the job */
  constructor(size: number) {
    this.#used = new Float64Array(size);
    this.#owed = new Float64Array(size);
  }

  /** Takes credit for a message; false when there is not enough. */
  take(dest: number, bytes: number): boolean {
    const used = this.#used[dest] + bytes + messageBytes;
    if (used > windowBytes) return false;
    this.#used[dest] = used;
    return true;
  }

  returned(dest: number, amount: number): void {
    this.#used[dest] -= amount;
  }

  /** A small message was received. Returns how much its sender must be told to be free again: often 0, so that it costs little. */
  received(source: number, bytes: number): number {
    const owed = this.#owed[source] + bytes + messageBytes;
    const due = owed >= windowBytes / 2 ? owed : 0;
    this.#owed[source] = owed - due;
    return due;
  }
}
