/** What the terminal shows of a job, as `progressToTerminal` and `timeJob` ask for. */

import type { Job, JobSnapshot } from "../cluster/job.ts";
import type { Configuration } from "../config/configuration.ts";
import { createLiveReporter } from "./live-reporter.ts";
import { setProgressReporter, writeLine } from "./output.ts";
import { progressOf } from "./progress-of.ts";
import { createProgressReporter } from "./progress-reporter.ts";

/** How often the line is looked at even if nothing is reported, in ms: the time goes on. */
const tickMs = 250;

/** Shows the job on stderr until it has settled. */
export function followJob(
  job: Job,
  { progressToTerminal, timeJob }: Pick<Configuration, "progressToTerminal" | "timeJob">,
): void {
  if (progressToTerminal !== false) showProgress(job, progressToTerminal === "hosts");
  if (timeJob)
    job.subscribe({ complete: () => writeLine("stderr", `${job.id} took ${job.stats.elapsedMs.toFixed(1)} ms\n`) });
}

/** @param byHost also a line per host, on a terminal */
function showProgress(job: Job, byHost: boolean): void {
  const reporter = reporterOf(byHost);
  setProgressReporter(reporter);
  const update = () => reporter.update(job.getSnapshot());
  const timer = setInterval(update, tickMs);
  job.subscribe({
    next: update,
    complete() {
      clearInterval(timer);
      update();
      reporter.close();
      setProgressReporter(undefined, reporter);
    },
  });
}

interface Reporter {
  update(snapshot: JobSnapshot): void;
  clear(): void;
  close(): void;
}

function reporterOf(byHost: boolean): Reporter {
  const options = { now: () => performance.now(), isTTY: process.stderr.isTTY === true };
  if (byHost) return createLiveReporter(process.stderr, options);
  const line = createProgressReporter(process.stderr, options);
  return { ...line, update: (snapshot) => line.update(progressOf(snapshot)) };
}
