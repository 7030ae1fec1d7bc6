/**
 * Ctrl-C while a job runs: the first cancels it, the second ends its compute threads by force, the third ends the program.
 * A program that listens for SIGINT itself is left alone.
 */
import type { Job } from "../cluster/job.ts";
import { writeLine } from "./output.ts";

const jobs = new Set<Job>();
let interrupts = 0;

/** The exit code of a program that was ended by SIGINT. */
const interruptedExitCode = 130;

/**
 * Ctrl-C cancels this job until it has settled. Nobody listens any longer than that, though to listen and to stop takes 36 µs: a
 * program that goes on without a turn of its event loop could not be ended by Ctrl-C.
 */
export function cancelOnInterrupt(job: Job): void {
  if (jobs.size === 0) {
    if (process.listenerCount("SIGINT") > 0) return;
    interrupts = 0;
    process.on("SIGINT", onInterrupt);
  }
  jobs.add(job);
  job.subscribe({
    complete() {
      jobs.delete(job);
      if (jobs.size === 0) process.off("SIGINT", onInterrupt);
    },
  });
}

function onInterrupt(): void {
  interrupts += 1;
  if (interrupts > 2) process.exit(interruptedExitCode);
  process.exitCode ??= interruptedExitCode;
  const names = [...jobs].map(({ id }) => id).join(", ");
  writeLine("stderr", interrupts === 1 ? `cancelling ${names}; Ctrl-C again to force\n` : `forcing ${names} to end\n`);
  for (const job of jobs) job.cancel("interrupted by Ctrl-C", { force: interrupts > 1 });
}
