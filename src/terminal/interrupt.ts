/**
 * Ctrl-C while a job runs: the first cancels it, the second ends its compute threads by force, the third ends the program.
 * A program that listens for SIGINT itself is left alone.
 */
import type { Job } from "../cluster/job.ts";
import { writeLine } from "./output.ts";

const jobs = new Set<Job>();
let interrupts = 0;
/** To listen for a signal, and to stop that, takes as long as some steps of a job: between jobs that follow each other it goes on. */
let listening = false;
let leaving: NodeJS.Immediate | undefined;

/** The exit code of a program that was ended by SIGINT. */
const interruptedExitCode = 130;

/** Ctrl-C cancels this job until it has settled. */
export function cancelOnInterrupt(job: Job): void {
  if (jobs.size === 0) {
    if (process.listenerCount("SIGINT") > (listening ? 1 : 0)) return;
    interrupts = 0;
    listen();
  }
  jobs.add(job);
  job.subscribe({
    complete() {
      jobs.delete(job);
      if (jobs.size === 0) leaving ??= setImmediate(leave);
    },
  });
}

function listen(): void {
  clearImmediate(leaving);
  leaving = undefined;
  if (!listening) process.on("SIGINT", onInterrupt);
  listening = true;
}

function leave(): void {
  leaving = undefined;
  listening = false;
  process.off("SIGINT", onInterrupt);
}

function onInterrupt(): void {
  if (jobs.size === 0) return interruptedBetween();
  interrupts += 1;
  if (interrupts > 2) process.exit(interruptedExitCode);
  process.exitCode ??= interruptedExitCode;
  const names = [...jobs].map(({ id }) => id).join(", ");
  writeLine("stderr", interrupts === 1 ? `cancelling ${names}; Ctrl-C again to force\n` : `forcing ${names} to end\n`);
  for (const job of jobs) job.cancel("interrupted by Ctrl-C", { force: interrupts > 1 });
}

/** Nothing of ours is under way: as if nobody had listened. */
function interruptedBetween(): void {
  clearImmediate(leaving);
  leave();
  if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
}
