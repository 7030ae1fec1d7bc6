/** A few lines kept at the end of a terminal: drawn anew in the same place, and taken off where other output has to be written. */

/** What is needed of a stream; `process.stderr` fits. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly writable?: boolean;
}

/** Lines that stand at the end of a terminal until they are taken off. */
export interface KeptLines {
  /** Draws what `lines` makes for a terminal of so many columns and rows, unless it was drawn a moment ago, or stands there already. */
  draw(lines: (columns: number, rows: number) => readonly string[]): void;
  /** Takes the lines off; the next `draw` brings them back. */
  clear(): void;
  /** Leaves an empty line with the cursor at its begin. Nothing is written afterwards. */
  close(): void;
}

/** How lines are kept, and where. */
export interface KeepOptions {
  /** A clock in milliseconds. */
  now(): number;
  /** Whether the stream is a terminal that understands `\r` and "erase line". */
  readonly isTTY: boolean;
  /** Default `process.env`; `NO_COLOR` (not empty) means no colours, `TERM=dumb` plain lines. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** At most one redraw in so many milliseconds. Default 100. */
  readonly redrawMs?: number;
}

/** Undefined where the stream can't keep lines; `colour` says whether they may have any. */
export function keepLinesOn(
  stream: TerminalStream,
  { now, isTTY, env = process.env, redrawMs }: KeepOptions,
): (KeptLines & { readonly colour: boolean }) | undefined {
  if (!isTTY || env.TERM === "dumb") return undefined;
  return { ...keepLines(stream, now, redrawMs), colour: !env.NO_COLOR };
}

/** @param redrawMs at most one redraw in so many milliseconds */
function keepLines(stream: TerminalStream, now: () => number, redrawMs = 100): KeptLines {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn: readonly string[] = [];
  let closed = false;
  const clear = (): void => {
    if (closed) return;
    if (drawn.length > 0 && isWritable(stream)) stream.write(eraser(drawn.length));
    drawn = [];
  };
  return {
    draw(make) {
      if (closed || now() - drawnAt < redrawMs || !isWritable(stream)) return;
      // One column stays free: a full line would make some terminals wrap. One row too, for the line before.
      const lines = make(Math.max(1, (stream.columns || 80) - 1), Math.max(1, (stream.rows || 24) - 1));
      if (lines.length === drawn.length && lines.every((line, i) => line === drawn[i])) return;
      stream.write(eraser(drawn.length) + lines.join("\n"));
      drawn = lines;
      drawnAt = now();
    },
    clear,
    close() {
      clear();
      closed = true;
    },
  };
}

export function isWritable(stream: TerminalStream): boolean {
  return stream.writable !== false;
}

/** From the end of so many lines to the begin of the first, which is empty then, as all below are. */
function eraser(lines: number): string {
  return lines < 2 ? "\r\x1b[2K" : `\r\x1b[${lines - 1}A\x1b[J`;
}
