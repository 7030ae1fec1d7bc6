/**
 * `formatProgress`: how far a job is, as one line of text. Pure; `progress-reporter.ts` writes it.
 */
import { formatCount, formatDuration } from "./format.ts";
import { cut, displayWidth, oneLine } from "./width.ts";

/** How far a job is. */
export interface Progress {
  readonly name: string;
  /** The job's state: idle, scattering, computing, reducing, done, failed, cancelled. */
  readonly state: string;
  /** In the kernel's own units; `total` 0 when nobody knows. */
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** How many ranks are in each state. */
  readonly ranks: Readonly<Record<string, number>>;
  readonly partsDone: number;
  /** Undefined while scatter is still yielding. */
  readonly partsTotal?: number | undefined;
}

interface Piece {
  readonly text: string;
  /** Of the pieces that don't fit, the one with the lowest number stays longest. */
  readonly rank: number;
}

const barWidth = { least: 8, most: 30 };
const over = ["done", "failed", "cancelled"];
const stateColours: Readonly<Record<string, string>> = { done: "32", failed: "31", cancelled: "33" };

/**
 * `countPrimes computing ━━━━━━━━━━━━╌╌╌╌╌╌╌╌  62 % · 12.3 M/s · 4.1 s left · 7/8 ranks computing · part 12/40`
 *
 * @param columns the line is never wider; what doesn't fit goes in this order: parts, ranks, rate, time, the bar, at last the name is cut
 * @param colour with ANSI colours, default without
 */
export function formatProgress(progress: Progress, columns: number, colour = false): string {
  const name = oneLine(progress.name);
  const state = oneLine(progress.state);
  const share = shareDone(progress);
  const percent = share === undefined ? undefined : `${String(Math.floor(share * 100)).padStart(3)} %`;
  const head = [name, state].filter((text) => text !== "").join(" ");
  const fixed = [head, percent].filter((text) => text !== undefined).join(" ");
  const room = columns - displayWidth(fixed);
  if (room < 0) return cut(fixed, columns);
  const barRoom = share !== undefined && room > barWidth.least ? barWidth.least + 1 : 0;
  const detail = fitting(piecesOf(progress, share), room - barRoom);
  const bar = barRoom > 0 ? barOf(share!, room - displayWidth(detail) - 1) : "";
  const painted = colour ? head.replace(/\S+$/, (word) => paint(word, stateColours[state] ?? "36")) : head;
  return `${[painted, bar && paintBar(bar, colour), percent].filter(Boolean).join(" ")}${detail}`;
}

/** From the kernel's own count, else from the parts; undefined when neither total is known. Between 0 and 1. */
function shareDone({ done, total, partsDone, partsTotal, state }: Progress): number | undefined {
  if (state === "done") return 1;
  const share = total > 0 ? done / total : partsTotal ? partsDone / partsTotal : Number.NaN;
  return Number.isNaN(share) ? undefined : Math.min(1, Math.max(0, share));
}

/** In the order in which they stand. */
function piecesOf(progress: Progress, share: number | undefined): Piece[] {
  const { done, elapsedMs, ranks, partsDone, partsTotal, state } = progress;
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const all = Object.values(ranks).reduce((sum, count) => sum + count, 0);
  const pieces: (Piece | false)[] = [
    rate > 0 && { text: `${formatCount(rate)}/s`, rank: 2 },
    { text: timeText(elapsedMs, share, state), rank: 1 },
    all > 0 && !over.includes(state) && { text: ranksText(ranks, all), rank: 3 },
    (partsDone > 0 || partsTotal !== undefined) && {
      text: `part ${formatCount(partsDone)}/${partsTotal === undefined ? "?" : formatCount(partsTotal)}`,
      rank: 4,
    },
  ];
  return pieces.filter((piece) => piece !== false);
}

function timeText(elapsedMs: number, share: number | undefined, state: string): string {
  if (over.includes(state)) return `after ${formatDuration(elapsedMs)}`;
  if (share === undefined || share === 0) return formatDuration(elapsedMs);
  return `${formatDuration((elapsedMs * (1 - share)) / share)} left`;
}

function ranksText(ranks: Progress["ranks"], all: number): string {
  return `${ranks.computing ?? 0}/${all} rank${all === 1 ? "" : "s"} computing`;
}

/** The pieces that fit into `columns`, the most wanted first, in their own order. */
function fitting(pieces: readonly Piece[], columns: number): string {
  const text = (chosen: readonly Piece[]): string => chosen.map((piece) => ` · ${piece.text}`).join("");
  const byWish = [...pieces].sort((a, b) => a.rank - b.rank);
  for (let count = byWish.length; count > 0; count--) {
    const line = text(pieces.filter((piece) => byWish.indexOf(piece) < count));
    if (displayWidth(line) <= columns) return line;
  }
  return "";
}

/** As wide as there is room, up to where more would show no more. */
function barOf(share: number, room: number): string {
  const width = Math.min(room, barWidth.most);
  const full = Math.floor(share * width);
  return "━".repeat(full) + "╌".repeat(width - full);
}

function paintBar(bar: string, colour: boolean): string {
  if (!colour) return bar;
  const full = bar.lastIndexOf("━") + 1;
  return (full > 0 ? paint(bar.slice(0, full), "36") : "") + (full < bar.length ? paint(bar.slice(full), "2") : "");
}

function paint(text: string, code: string): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}
