/**
 * `formatLive`: a job in a few lines, for a terminal: the job with its bar, and a line per host with a letter for each rank.
 * Pure; `live-reporter.ts` writes it.
 */
import type { JobSnapshot } from "../cluster/job.ts";
import type { RankSnapshot } from "../cluster/rank-table.ts";
import { formatCount } from "./format.ts";
import { formatProgress } from "./progress-line.ts";
import { progressOf } from "./progress-of.ts";
import { shownState } from "./shown-state.ts";
import { cut, displayWidth, oneLine } from "./width.ts";

/** How a rank's state is shown in one letter, and in what colour (ANSI). The letter alone says it: not everybody sees colours. */
const marks: Readonly<Record<string, { readonly letter: string; readonly colour: string }>> = {
  idle: { letter: "·", colour: "2" },
  scattering: { letter: "s", colour: "34" },
  computing: { letter: "C", colour: "32" },
  waiting: { letter: "w", colour: "35" },
  reducing: { letter: "r", colour: "36" },
  cancelled: { letter: "x", colour: "33" },
  lost: { letter: "!", colour: "31" },
};
const mostLetters = 32;
const widestName = 24;

/** The ranks of one host. */
interface HostRow {
  readonly name: string;
  readonly ranks: readonly RankSnapshot[];
}

/**
 * ```
 * countPrimes computing ━━━━━━━━━━━━╌╌╌╌╌╌╌╌  62 % · 12.3 M/s · 4.1 s left · 5/6 ranks computing · part 12/40
 *   desk   C      1 computing               part 12       3.2 M/s
 *   node1  CCCr·  3 computing, 1 reducing…  part 9 to 11  9.1 M/s
 * ```
 *
 * @param size lines are never wider than `columns`, and never more than `rows`
 * @param colour with ANSI colours
 */
export function formatLive(snapshot: JobSnapshot, size: { columns: number; rows: number }, colour = false): string[] {
  const hosts = hostRows(snapshot.ranks);
  const room = Math.max(0, size.rows - 1);
  const shown = hosts.length <= room ? hosts : hosts.slice(0, Math.max(0, room - 1));
  const width = Math.min(widestName, Math.max(0, ...shown.map(({ name }) => displayWidth(oneLine(name)))));
  const most = Math.min(mostLetters, Math.max(0, ...shown.map(({ ranks }) => ranks.length)));
  const lines = shown.map((host) => hostLine(host, snapshot.elapsedMs, { ...size, width, most }, colour));
  const rest = hosts.length - shown.length;
  if (rest > 0 && room > 0) lines.push(cut(`  … and ${rest} more hosts`, size.columns));
  return [formatProgress(progressOf(snapshot), size.columns, colour), ...lines];
}

/** `3 computing, 1 idle`: the states of some ranks, the most frequent first. */
export function countStates(ranks: readonly Pick<RankSnapshot, "state" | "lost" | "waitsFor">[]): string {
  const counts = new Map<string, number>();
  for (const rank of ranks) counts.set(shownState(rank), (counts.get(shownState(rank)) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([state, count]) => `${count} ${state}`);
  return parts.join(", ");
}

function hostRows(ranks: readonly RankSnapshot[]): HostRow[] {
  const rows = new Map<string, RankSnapshot[]>();
  for (const rank of ranks) {
    const row = rows.get(rank.host);
    if (row) row.push(rank);
    else rows.set(rank.host, [rank]);
  }
  return [...rows].map(([name, own]) => ({ name, ranks: own }));
}

function hostLine(
  { name, ranks }: HostRow,
  elapsedMs: number,
  { columns, width, most }: { columns: number; width: number; most: number },
  colour: boolean,
): string {
  const letters = ranks.length <= most ? ranks : ranks.slice(0, most - 1);
  const strip = letters.map((rank) => marks[shownState(rank)].letter).join("");
  const more = letters.length < ranks.length ? "…" : "";
  const head = `  ${padded(cut(oneLine(name), width), width)}  `;
  const tail = `${" ".repeat(most - letters.length - more.length)}  ${detailOf(ranks, elapsedMs)}`;
  const plain = cut(`${head}${strip}${more}${tail}`, columns);
  if (!colour || !plain.startsWith(head + strip)) return plain;
  const painted = letters.map((rank) => paint(marks[shownState(rank)])).join("");
  return head + painted + plain.slice(head.length + strip.length);
}

function detailOf(ranks: readonly RankSnapshot[], elapsedMs: number): string {
  const lost = ranks.find((rank) => rank.lost !== undefined)?.lost;
  if (lost !== undefined) return `lost: ${oneLine(lost)}`;
  const parts = ranks.flatMap(({ part }) => (part === null ? [] : [part]));
  const done = ranks.reduce((sum, { progress }) => sum + progress.done, 0);
  const waiting = ranks.find((rank) => shownState(rank) === "waiting");
  const pieces = [
    countStates(ranks),
    waiting && `rank ${waiting.rank} ${oneLine(waiting.waitsFor ?? "")}`,
    parts.length > 0 && partsText(Math.min(...parts), Math.max(...parts)),
    done > 0 && elapsedMs > 0 && `${formatCount((done / elapsedMs) * 1000)}/s`,
  ];
  return pieces.filter(Boolean).join(" · ");
}

function partsText(from: number, to: number): string {
  return from === to ? `part ${from}` : `parts ${from} to ${to}`;
}

function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

function paint({ letter, colour }: { letter: string; colour: string }): string {
  return `\x1b[${colour}m${letter}\x1b[0m`;
}
