/** Where lines go that are shown while a progress line may stand on the terminal. */

/** What stands on the terminal and has to make way for other output. */
interface Shown {
  clear(): void;
}

let shown: Shown | undefined;

/**
 * The progress line that other output has to make way for; undefined when there is none.
 *
 * @param instead only if this one is still shown: the next job may have put its own there already
 */
export function setProgressReporter(next: Shown | undefined, instead = shown): void {
  if (shown === instead) shown = next;
}

/** Writes a line, its line end included. */
export function writeLine(stream: "stdout" | "stderr", line: string): void {
  shown?.clear();
  process[stream].write(line);
}
