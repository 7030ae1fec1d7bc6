/** Turns pieces of text into whole lines, so that the output of several ranks never mixes within a line. */
export class LineWriter {
  #rest = "";
  readonly #write: (line: string) => void;

  /** @param write gets each line with its line end */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#write(`${line}\n`);
  }

  /** Writes what has no line end yet. */
  flush(): void {
    if (this.#rest !== "") this.#write(`${this.#rest}\n`);
    this.#rest = "";
  }
}
