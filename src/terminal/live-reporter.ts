/**
 * `createLiveReporter`: keeps a few lines on a terminal (the job, and a line per host), or writes a plain line now and then
 * elsewhere. Like the progress reporter it has no timer and never hides the cursor.
 */
import type { JobSnapshot } from "../cluster/job.ts";
import { keepLines, type TerminalStream } from "./kept-lines.ts";
import { formatLive } from "./live-view.ts";
import { progressOf } from "./progress-of.ts";
import { createProgressReporter, type ProgressReporterOptions } from "./progress-reporter.ts";

export interface LiveReporter {
  update(snapshot: JobSnapshot): void;
  /** Takes the lines off the terminal, so that other output can be written. */
  clear(): void;
  close(): void;
}

export function createLiveReporter(stream: TerminalStream, options: ProgressReporterOptions): LiveReporter {
  const env = options.env ?? process.env;
  if (options.isTTY && env.TERM !== "dumb") return terminalReporter(stream, options, !env.NO_COLOR);
  const plain = createProgressReporter(stream, options);
  return { ...plain, update: (snapshot) => plain.update(progressOf(snapshot)) };
}

function terminalReporter(
  stream: TerminalStream,
  { now, redrawMs }: ProgressReporterOptions,
  colour: boolean,
): LiveReporter {
  const { draw, clear, close } = keepLines(stream, now, redrawMs);
  const update = (snapshot: JobSnapshot) => draw((columns, rows) => formatLive(snapshot, { columns, rows }, colour));
  return { update, clear, close };
}
