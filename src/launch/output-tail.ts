/** The last lines that a process wrote, bounded. */
const mostLines = 20;

export class OutputTail {
  readonly #lines: string[] = [];

  push(line: string): void {
    this.#lines.push(line.length > 2000 ? `${line.slice(0, 2000)}…\n` : line);
    if (this.#lines.length > mostLines) this.#lines.shift();
  }

  get text(): string {
    return this.#lines.join("").trimEnd();
  }
}
