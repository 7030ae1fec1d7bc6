/** What `mpits inspect` shows: pure functions from a job's detail to lines. */
import type { HostSnapshot } from "../../cluster/host-entry.ts";
import type { JobSnapshot } from "../../cluster/job.ts";
import type { RankSnapshot } from "../../cluster/rank-table.ts";
import type { TransitionRecord } from "../../cluster/story.ts";
import type { JobDetail } from "../../steer/protocol.ts";
import { formatBytes, formatCount, formatDuration } from "../../terminal/format.ts";
import { formatProgress } from "../../terminal/progress-line.ts";
import { progressOf } from "../../terminal/progress-of.ts";
import { type Column, formatTable } from "../../terminal/table.ts";
import { oneLine } from "../../terminal/width.ts";

/** The way through each chart, and where else it may end or go. */
const jobChart = { way: ["idle", "scattering", "computing", "reducing", "done"], aside: ["failed", "cancelled"] };
const rankChart = { way: ["idle", "scattering", "computing", "reducing", "idle"], aside: ["cancelled"] };
const progressColumns = 100;

const rankColumns: readonly Column[] = [
  { title: "RANK", align: "right" },
  { title: "HOST" },
  { title: "STATE" },
  { title: "FOR", align: "right" },
  { title: "PART", align: "right" },
  { title: "PROGRESS", align: "right" },
  { title: "LAST BEAT", align: "right" },
];

export interface InspectOptions {
  readonly pid: number;
  /** Only this one. */
  readonly rank: number | undefined;
  /** How many transitions. */
  readonly last: number;
  readonly colour: boolean;
}

export function inspectText(detail: JobDetail, { pid, rank, last, colour }: InspectOptions): string[] {
  const { snapshot, takes, records } = detail;
  const ranks = snapshot.ranks.filter((each) => rank === undefined || each.rank === rank);
  const story = records.filter((record) => rank === undefined || record.rank === rank).slice(-last);
  const chart =
    rank === undefined ? chartLine(jobChart, snapshot.value, colour) : chartLine(rankChart, ranks[0]?.state, colour);
  return [
    `${snapshot.id}${rank === undefined ? "" : `, rank ${rank}`}  (driver ${pid}, cluster ${detail.cluster}, ${detail.phase})`,
    `  ${chart}`,
    ...progressLines(detail, colour),
    ...(rank === undefined ? trafficLines(detail) : []),
    ...(snapshot.reason === null ? [] : [`  reason: ${oneLine(snapshot.reason)}`]),
    ...(rank === undefined ? [`  takes from users now: ${takes.join(", ") || "nothing"}`] : []),
    ...(detail.phase === "queued" ? [] : ["", ...rankTable(ranks, detail)]),
    ...(story.length === 0 ? [] : ["", "last transitions", ...story.map((record) => `  ${recordLine(record)}`)]),
  ];
}

/** A job that waits has no ranks: they work for another one. */
function progressLines({ phase, snapshot }: JobDetail, colour: boolean): string[] {
  if (phase === "queued") return ["  waits for its turn"];
  return [`  ${formatProgress(progressOf(snapshot), progressColumns, colour)}`, `  ${partsText(snapshot)}`];
}

/** `12:03:04.125  rank 2  scattering → computing  kernel.started`, and the cause if there is one. */
export function recordLine({ timeMs, rank, host, from, to, event, cause }: TransitionRecord): string {
  const who = (rank === undefined ? "job" : `rank ${rank}`).padEnd(8);
  const why = cause === undefined ? "" : ` (${oneLine(cause)})`;
  return `${clock(timeMs)}  ${who}  ${`${from} → ${to}`.padEnd(23)}  ${event}${why}${rank === undefined ? "" : `  on ${oneLine(host)}`}`;
}

/** The time of day, with milliseconds. */
function clock(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (n: number) => String(n).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** `idle → scattering → [computing] → reducing → done`, with the place where it is. A rank's way ends where it began. */
function chartLine({ way, aside }: typeof jobChart, state: string | undefined, colour: boolean): string {
  let shown = false;
  const mark = (name: string): string => {
    if (name !== state || shown) return name;
    shown = true;
    return colour ? `\x1b[1;32m[${name}]\x1b[0m` : `[${name}]`;
  };
  return `${way.map(mark).join(" → ")}   or ${aside.map(mark).join(", ")}`;
}

function partsText({ parts }: JobSnapshot): string {
  const total = parts.total === undefined ? "more to come" : `${formatCount(parts.total)} in all`;
  const again = parts.again > 0 ? `, ${formatCount(parts.again)} computed again` : "";
  return `parts: ${formatCount(parts.done)} done, ${formatCount(parts.handedOut - parts.done)} under way, ${total}${again}`;
}

/** Of ranks that talk to each other; the least is what could have done. */
function trafficLines({ traffic }: JobDetail): string[] {
  if (!traffic || traffic.amongRanks.messages === 0) return [];
  const { amongRanks, least, betweenRanks } = traffic;
  const [most] = betweenRanks;
  const sum = `${formatBytes(amongRanks.bytes)} in ${formatCount(amongRanks.messages)} messages, least ${formatBytes(least.ranks)}`;
  return [`  from rank to rank: ${sum}; the most from ${most!.from} to ${most!.to}, ${formatBytes(most!.bytes)}`];
}

/** What ranks wait for has a column only where one does. */
function rankTable(ranks: readonly RankSnapshot[], detail: JobDetail): string[] {
  const waiting = ranks.some(({ waitsFor }) => waitsFor !== undefined);
  return formatTable(
    waiting ? [...rankColumns, { title: "WAITING" }] : rankColumns,
    ranks.map((rank) => [...rankCells(rank, detail), ...(waiting ? [rank.waitsFor ?? "–"] : [])]),
  );
}

function rankCells({ rank, host, state, sinceMs, part, progress, lost }: RankSnapshot, detail: JobDetail): string[] {
  const heard = detail.hosts.find(({ name }) => name === host);
  const over = detail.phase === "over";
  return [
    String(rank),
    host,
    lost === undefined ? state : `lost while ${state}: ${lost}`,
    over ? "–" : formatDuration(Math.max(0, detail.nowMs - sinceMs)),
    part === null ? "–" : String(part),
    progressText(progress),
    over ? "–" : beatText(heard, detail.nowMs),
  ];
}

function progressText({ done, total }: RankSnapshot["progress"]): string {
  if (total === 0) return done === 0 ? "–" : formatCount(done);
  return `${formatCount(done)} of ${formatCount(total)}, ${Math.floor((100 * done) / total)} %`;
}

function beatText(host: HostSnapshot | undefined, nowMs: number): string {
  return host && host.heardMs > 0 ? `${formatDuration(Math.max(0, nowMs - host.heardMs))} ago` : "–";
}
