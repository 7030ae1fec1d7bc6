/**
 * `createProgressReporter`: keeps one progress line on a terminal, or writes a plain line now and then elsewhere. It has no timer: the
 * caller ticks. It never hides the cursor, so there is nothing to restore when a program dies.
 */
import { formatProgress, type Progress } from "./progress-line.ts";

/** What it needs of a stream; `process.stderr` fits. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly writable?: boolean;
}

export interface ProgressReporterOptions {
  /** A clock in milliseconds. */
  now(): number;
  /** Whether the stream is a terminal that understands `\r` and "erase line". */
  readonly isTTY: boolean;
  /** Default `process.env`; `NO_COLOR` (not empty) means no colours, `TERM=dumb` plain lines. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** At most one redraw in so many milliseconds. Default 100. */
  readonly redrawMs?: number;
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

const eraseLine = "\r\x1b[2K";

/** A reporter on `stream`: a line redrawn in place on a terminal, plain lines elsewhere. */
export function createProgressReporter(stream: ProgressStream, options: ProgressReporterOptions): ProgressReporter {
  const env = options.env ?? process.env;
  return options.isTTY && env.TERM !== "dumb"
    ? terminalReporter(stream, options, !env.NO_COLOR)
    : plainReporter(stream, options);
}

function terminalReporter(stream: ProgressStream, options: ProgressReporterOptions, colour: boolean): ProgressReporter {
  const { now, redrawMs = 100 } = options;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = "";
  let closed = false;
  const clear = (): void => {
    if (drawn !== "" && isWritable(stream)) stream.write(eraseLine);
    drawn = "";
  };
  return {
    update(progress) {
      if (closed || now() - drawnAt < redrawMs || !isWritable(stream)) return;
      // One column stays free: a full line would make some terminals wrap.
      const line = formatProgress(progress, Math.max(1, (stream.columns || 80) - 1), colour);
      if (line === drawn) return;
      stream.write(`${eraseLine}${line}`);
      drawn = line;
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

function plainReporter(stream: ProgressStream, { now, plainLineMs = 5000 }: ProgressReporterOptions): ProgressReporter {
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

function isWritable(stream: ProgressStream): boolean {
  return stream.writable !== false;
}
