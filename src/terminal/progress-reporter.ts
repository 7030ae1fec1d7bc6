/**
 * `createProgressReporter`: keeps one progress line on a terminal, or writes a plain line now and then elsewhere. It has no timer: the
 * caller ticks. It never hides the cursor, so there is nothing to restore when a program dies.
 */
import { isWritable, type KeepOptions, keepLinesOn, type TerminalStream } from "./kept-lines.ts";
import { formatProgress, type Progress } from "./progress-line.ts";

export interface ProgressReporterOptions extends KeepOptions {
  /** Off a terminal, at most one line in so many milliseconds, but for changes of state. Default 5000. */
  readonly plainLineMs?: number;
}

export interface ProgressReporter {
  /** Shows how far the job is, unless the last time was a moment ago. Call it as often as you like. */
  update(progress: Progress): void;
  /** Takes the line off the terminal, so that other output can be written; the next `update` draws it again. */
  clear(): void;
  /** Leaves an empty line with the cursor at its begin. Nothing is written afterwards. */
  close(): void;
}

/** A reporter on `stream`: a line redrawn in place on a terminal, plain lines elsewhere. */
export function createProgressReporter(stream: TerminalStream, options: ProgressReporterOptions): ProgressReporter {
  const kept = keepLinesOn(stream, options);
  if (!kept) return plainReporter(stream, options);
  const { draw, clear, close, colour } = kept;
  return { update: (progress) => draw((columns) => [formatProgress(progress, columns, colour)]), clear, close };
}

function plainReporter(stream: TerminalStream, { now, plainLineMs = 5000 }: ProgressReporterOptions): ProgressReporter {
  let writtenAt = Number.NEGATIVE_INFINITY;
  let state: string | undefined;
  let closed = false;
  return {
    update(progress) {
      const due = progress.state !== state || now() - writtenAt >= plainLineMs;
      if (closed || !due || !isWritable(stream)) return;
      stream.write(`${formatProgress(progress, plainColumns)}\n`);
      writtenAt = now();
      state = progress.state;
    },
    clear() {},
    close() {
      closed = true;
    },
  };
}

/** Room for every piece: a log file has no width. */
const plainColumns = 160;
