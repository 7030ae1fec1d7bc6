/**
 * `createLiveReporter`: keeps a few lines on a terminal (the job, and a line per host), or writes a plain line now and then
 * elsewhere. Like the progress reporter it has no timer and never hides the cursor.
 */
import type { JobSnapshot } from "../cluster/job.ts";
import { formatLive } from "./live-view.ts";
import { progressOf } from "./progress-of.ts";
import { createProgressReporter, type ProgressReporterOptions, type ProgressStream } from "./progress-reporter.ts";

export interface LiveStream extends ProgressStream {
  readonly rows?: number | undefined;
}

export interface LiveReporter {
  update(snapshot: JobSnapshot): void;
  /** Takes the lines off the terminal, so that other output can be written. */
  clear(): void;
  close(): void;
}

export function createLiveReporter(stream: LiveStream, options: ProgressReporterOptions): LiveReporter {
  const env = options.env ?? process.env;
  if (options.isTTY && env.TERM !== "dumb") return terminalReporter(stream, options, !env.NO_COLOR);
  const plain = createProgressReporter(stream, options);
  return { ...plain, update: (snapshot) => plain.update(progressOf(snapshot)) };
}

function terminalReporter(
  stream: LiveStream,
  { now, redrawMs = 100 }: ProgressReporterOptions,
  colour: boolean,
): LiveReporter {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn: readonly string[] = [];
  let closed = false;
  const erase = (): string => (drawn.length === 0 ? "" : `\r${up(drawn.length - 1)}\x1b[J`);
  const clear = (): void => {
    if (drawn.length > 0 && stream.writable !== false) stream.write(erase());
    drawn = [];
  };
  return {
    update(snapshot) {
      if (closed || now() - drawnAt < redrawMs || stream.writable === false) return;
      // One column stays free: a full line would make some terminals wrap. One row too, for the line before.
      const size = { columns: Math.max(1, (stream.columns || 80) - 1), rows: Math.max(1, (stream.rows || 24) - 1) };
      const lines = formatLive(snapshot, size, colour);
      stream.write(erase() + lines.join("\n"));
      drawn = lines;
      drawnAt = now();
    },
    clear() {
      if (!closed) clear();
    },
    close() {
      if (!closed) clear();
      closed = true;
    },
  };
}

function up(lines: number): string {
  return lines === 0 ? "" : `\x1b[${lines}A`;
}
