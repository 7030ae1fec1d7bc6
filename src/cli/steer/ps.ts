/** `mpits ps`: the drivers of this user on this machine, their clusters and their jobs. */

import { type Driver, type Drivers, findDrivers } from "../../steer/drivers.ts";
import { candidates, closeAll } from "../../steer/find-job.ts";
import type { JobSummary } from "../../steer/protocol.ts";
import { type Candidate, uniqueName } from "../../steer/target.ts";
import { formatCount, formatDuration } from "../../terminal/format.ts";
import { countStates } from "../../terminal/live-view.ts";
import { type Column, formatTable } from "../../terminal/table.ts";
import { cut } from "../../terminal/width.ts";

const columns: readonly Column[] = [
  { title: "JOB" },
  { title: "PID", align: "right" },
  { title: "KERNEL" },
  { title: "STATE" },
  { title: "ELAPSED", align: "right" },
  { title: "PROGRESS", align: "right" },
  { title: "RANKS" },
  { title: "PROGRAM" },
];
/** Of a program's words so many columns are shown. */
const programColumns = 40;

export async function psCommand({ all = false, json = false }: { all?: boolean; json?: boolean }): Promise<void> {
  const drivers = await findDrivers();
  closeAll(drivers);
  for (const problem of drivers.problems) process.stderr.write(`mpits: ${problem}\n`);
  if (json) return void console.log(JSON.stringify(asJson(drivers, all)));
  const rows = drivers.alive.flatMap((driver) => rowsOf(driver, candidates(drivers), all));
  const silent = drivers.silent.map((pid) => ["–", String(pid), "–", "silent", "–", "–", "–", "does not answer"]);
  if (rows.length + silent.length === 0)
    return void console.log("nothing runs here: no program of yours has a cluster.");
  const { isTTY, columns: width = 80 } = process.stdout;
  for (const line of formatTable(columns, [...rows, ...silent])) console.log(isTTY ? cut(line, width) : line);
}

function asJson({ alive, silent }: Drivers, all: boolean): object {
  const drivers = alive.map(({ state }) => ({ ...state, jobs: state.jobs.filter((job) => isShown(job, all)) }));
  return { drivers, silent };
}

/** A driver whose clusters have nothing to do has one line all the same. */
function rowsOf({ state }: Driver, jobs: readonly Candidate[], all: boolean): string[][] {
  const { pid, clusters } = state;
  const program = cut(state.program, programColumns);
  const shown = jobs.filter((job) => job.pid === pid && isShown(job, all));
  if (shown.length > 0) return shown.map((job) => [uniqueName(job, jobs), ...cellsOf(job), program]);
  const ranks = clusters.reduce((sum, { size }) => sum + size, 0);
  return [["–", String(pid), "–", "idle", "–", "–", `${ranks} idle`, program]];
}

function cellsOf({ pid, phase, snapshot }: Candidate): string[] {
  const { kernel, value, elapsedMs, ranks } = snapshot;
  return [
    String(pid),
    kernel,
    phase === "queued" ? "queued" : value,
    phase === "queued" ? "–" : formatDuration(elapsedMs),
    progressText({ phase, snapshot }),
    phase === "running" ? countStates(ranks) : "–",
  ];
}

function progressText({ phase, snapshot: { parts, ranks } }: Pick<JobSummary, "phase" | "snapshot">): string {
  if (phase === "queued") return "–";
  const done = ranks.reduce((sum, { progress }) => sum + progress.done, 0);
  const total = ranks.reduce((sum, { progress }) => sum + progress.total, 0);
  // As the progress line has it: the ranks' totals are the job's when each has one part.
  if (phase === "running" && total > 0 && parts.total !== undefined && parts.total <= ranks.length)
    return `${Math.floor((100 * done) / total)} %`;
  return `${formatCount(parts.done)}/${parts.total === undefined ? "?" : formatCount(parts.total)} parts`;
}

function isShown({ phase }: JobSummary, all: boolean): boolean {
  return all || phase !== "over";
}
