/** The lines that hosts and their ranks write: shown at the driver, and given on. */
import type { LaunchCallbacks } from "../launch/launcher.ts";
import type { Log } from "../log.ts";
import { writeLine } from "../terminal/output.ts";
import type { HostEntry } from "./host-entry.ts";
import { readRankPrefix } from "./output-log.ts";

/** A line that a host wrote, without its line end; `rank` is undefined for what is not a rank's. */
export interface HostLine {
  readonly host: string;
  readonly rank: number | undefined;
  readonly text: string;
}

export class HostLines {
  readonly #log: Log;
  readonly #rankPrefix: boolean;
  readonly #output: (stream: "stdout" | "stderr", line: HostLine) => void;

  /**
   * @param rankPrefix whether the rank is shown in front of its lines
   * @param output gets each line that a host or a rank has written
   */
  constructor(log: Log, rankPrefix: boolean, output: (stream: "stdout" | "stderr", line: HostLine) => void) {
    this.#log = log;
    this.#rankPrefix = rankPrefix;
    this.#output = output;
  }

  /** What a host says before it has called back is shown when it does; when it never does, its error has it. */
  of(entry: HostEntry): LaunchCallbacks["output"] {
    const show: LaunchCallbacks["output"] = (stream, line) => {
      if (stream === "stdout" || !this.#log.relay(line)) this.print(entry, stream, line);
    };
    const held: Parameters<typeof show>[] = [];
    const showHeld = (): void => {
      for (const line of held) show(...line);
    };
    entry.greeted.then(showHeld, () => {});
    return (...line) => (entry.hasGreeted ? show(...line) : void held.push(line));
  }

  /** A line that a host or one of its ranks wrote: shown, and kept. */
  print({ name: host, ranks }: HostEntry, stream: "stdout" | "stderr", line: string): void {
    const { rank, text } = readRankPrefix(line, ranks);
    writeLine(stream, this.#rankPrefix ? line : text);
    this.#output(stream, { host, rank, text: text.replace(/\r?\n$/, "") });
  }
}
