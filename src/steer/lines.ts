/** Messages as lines of JSON, the only form in which anything crosses a steering socket. Lengths are bounded. */

/** Cuts what arrives into lines. A line longer than `most` characters ends it: `tooLong` is called once, and nothing after. */
export class LineReader {
  readonly #most: number;
  readonly #line: (line: string) => void;
  readonly #tooLong: () => void;
  #pieces: string[] = [];
  #length = 0;
  #closed = false;

  constructor(most: number, line: (line: string) => void, tooLong: () => void) {
    this.#most = most;
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(text: string): void {
    let from = 0;
    while (!this.#closed) {
      const end = text.indexOf("\n", from);
      this.#keep(end < 0 ? text.slice(from) : text.slice(from, end));
      if (end < 0) return;
      this.#finish();
      from = end + 1;
    }
  }

  #keep(piece: string): void {
    this.#length += piece.length;
    if (this.#length <= this.#most) return void this.#pieces.push(piece);
    this.#closed = true;
    this.#pieces = [];
    this.#tooLong();
  }

  #finish(): void {
    if (this.#closed) return;
    const line = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    if (line !== "") this.#line(line);
  }
}
