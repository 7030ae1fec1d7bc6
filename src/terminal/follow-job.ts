/** What the terminal shows of a job, as `progressToTerminal` and `timeJob` ask for. */
import type { Job, JobSnapshot } from "../cluster/job.ts";
import { setProgressReporter, writeLine } from "./output.ts";
import type { Progress } from "./progress-line.ts";
import { createProgressReporter } from "./progress-reporter.ts";

/** How often the line is looked at even if nothing is reported, in ms: the time goes on. */
const tickMs = 250;

/** Shows the job on stderr until it has settled. */
export function followJob(
  job: Job,
  { progressToTerminal, timeJob }: { progressToTerminal: boolean; timeJob: boolean },
): void {
  if (progressToTerminal) showProgress(job);
  if (timeJob)
    job.subscribe({ complete: () => writeLine("stderr", `${job.id} took ${job.stats.elapsedMs.toFixed(1)} ms\n`) });
}

function showProgress(job: Job): void {
  const reporter = createProgressReporter(process.stderr, {
    now: () => performance.now(),
    isTTY: process.stderr.isTTY === true,
  });
  setProgressReporter(reporter);
  const update = () => reporter.update(progressOf(job.getSnapshot()));
  const timer = setInterval(update, tickMs);
  job.subscribe({
    next: update,
    complete() {
      clearInterval(timer);
      update();
      reporter.close();
      setProgressReporter(undefined);
    },
  });
}

/** The progress line's view of a job: what the ranks report, added up. */
function progressOf({ kernel, value, elapsedMs, parts, ranks }: JobSnapshot): Progress {
  const counts: Record<string, number> = {};
  for (const { state } of ranks) counts[state] = (counts[state] ?? 0) + 1;
  const sum = (key: "done" | "total") => ranks.reduce((total, { progress }) => total + progress[key], 0);
  // Only when every part is with a rank are the ranks' totals the job's.
  const whole = parts.total !== undefined && parts.total <= ranks.length && parts.handedOut === parts.total;
  return {
    name: kernel,
    state: value,
    done: sum("done"),
    total: whole ? sum("total") : 0,
    elapsedMs,
    ranks: counts,
    partsDone: parts.done,
    partsTotal: parts.total,
  };
}
