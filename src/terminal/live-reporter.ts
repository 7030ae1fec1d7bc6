/**
 * `createLiveReporter`: keeps a few lines on a terminal (the job, and a line per host), or writes a plain line now and then
 * elsewhere. Like the progress reporter it has no timer and never hides the cursor.
 */
import type { JobSnapshot } from "../cluster/job.ts";
import { keepLinesOn, type TerminalStream } from "./kept-lines.ts";
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
  const kept = keepLinesOn(stream, options);
  if (kept) {
    const { draw, clear, close, colour } = kept;
    return { update: (job) => draw((columns, rows) => formatLive(job, { columns, rows }, colour)), clear, close };
  }
  const plain = createProgressReporter(stream, options);
  return { ...plain, update: (job) => plain.update(progressOf(job)) };
}
