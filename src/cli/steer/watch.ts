/** `mpits watch`: a job's bar and a line per host, live; plain lines where there is no terminal. */
import { findJob, talking } from "../../steer/find-job.ts";
import type { JobDetail } from "../../steer/protocol.ts";
import { formatDuration } from "../../terminal/format.ts";
import { createLiveReporter } from "../../terminal/live-reporter.ts";

export async function watchCommand(typed: string | undefined): Promise<void> {
  const found = await findJob(typed);
  const reporter = createLiveReporter(process.stdout, {
    now: () => performance.now(),
    isTTY: process.stdout.isTTY === true,
    redrawMs: 50,
  });
  const interrupted = () => {
    reporter.close();
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    const next = ({ snapshot }: JobDetail) => reporter.update(snapshot);
    const { snapshot } = await talking(found, (link) =>
      link.ask<JobDetail>({ ask: "watch", ...found.address }, { next, patienceMs: 5000 }),
    );
    reporter.close();
    const why = snapshot.reason === null || snapshot.value === "done" ? "" : `: ${snapshot.reason}`;
    console.log(`${found.name} ${snapshot.value} after ${formatDuration(snapshot.elapsedMs)}${why}`);
  } finally {
    reporter.close();
    process.off("SIGINT", interrupted);
  }
}
