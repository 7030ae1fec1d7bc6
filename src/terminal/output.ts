/** Where lines go that are shown while a progress line may stand on the terminal. */
import type { ProgressReporter } from "./progress-reporter.ts";

let reporter: ProgressReporter | undefined;

/** The progress line that other output has to make way for; undefined when there is none. */
export function setProgressReporter(next: ProgressReporter | undefined): void {
  reporter = next;
}

/** Writes a line, its line end included. */
export function writeLine(stream: "stdout" | "stderr", line: string): void {
  reporter?.clear();
  process[stream].write(line);
}
