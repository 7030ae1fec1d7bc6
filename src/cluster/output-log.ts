/**
 * The last lines that a cluster's ranks and hosts wrote, for whoever asks later or from another shell. Bounded by lines and
 * by characters, however long the program runs.
 */
const most = { lines: 10_000, characters: 4_000_000, perLine: 8000 } as const;

/** One line, without its line end. */
export interface OutputLine {
  /** When the driver got it, in ms since 1970. */
  readonly timeMs: number;
  /** The job that ran; undefined between jobs. */
  readonly job: string | undefined;
  /** Undefined for what no rank wrote: lines of a host process itself, and of the log. */
  readonly rank: number | undefined;
  readonly host: string | undefined;
  readonly stream: "stdout" | "stderr" | "log";
  readonly text: string;
}

export class OutputLog {
  readonly #lines: OutputLine[] = [];
  readonly #readers = new Set<(line: OutputLine) => void>();
  #characters = 0;
  /** Lines taken out so far. */
  #gone = 0;
  /** Lines before this one are dropped; they are taken out in one go, now and then. */
  #first = 0;

  push(line: OutputLine): void {
    const kept = line.text.length > most.perLine ? { ...line, text: `${line.text.slice(0, most.perLine)}…` } : line;
    this.#lines.push(kept);
    this.#characters += kept.text.length;
    while (this.#lines.length - this.#first > most.lines || this.#characters > most.characters)
      this.#characters -= this.#lines[this.#first++].text.length;
    if (this.#first > most.lines) {
      this.#gone += this.#lines.splice(0, this.#first).length;
      this.#first = 0;
    }
    for (const reader of this.#readers) reader(kept);
  }

  /** What is kept, oldest first. */
  lines(): OutputLine[] {
    return this.#lines.slice(this.#first);
  }

  /** Those from the given place on, at most `count`, counted from the first line ever; and the place to go on from. */
  linesFrom(place: number, count: number): { readonly lines: readonly OutputLine[]; readonly next: number } {
    const from = Math.max(place - this.#gone, this.#first);
    const lines = this.#lines.slice(from, from + count);
    return { lines, next: this.#gone + from + lines.length };
  }

  /** Calls `reader` with each line from now on; the function returned ends that. */
  follow(reader: (line: OutputLine) => void): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }
}

/** A line as a host process sends it: `[3] text` is rank 3's, if that rank lives there. */
export function readRankPrefix(line: string, ranks: readonly number[]): { rank: number | undefined; text: string } {
  const [all, digits] = /^\[(\d{1,9})\] /.exec(line) ?? [];
  const rank = Number(digits);
  return all !== undefined && ranks.includes(rank)
    ? { rank, text: line.slice(all.length) }
    : { rank: undefined, text: line };
}
