/**
 * Runs a whole program in this compute thread, as the one part of its rank: its module is imported here, and the part ends as a
 * process would: when the module has been evaluated and nothing is left in the event loop, or by `process.exit`.
 */
import { fileURLToPath } from "node:url";
import type { Talk } from "../comm/open-talk.ts";
import { UsageError } from "../errors.ts";
import type { RankContext } from "../kernels/define-kernel.ts";
import { enterComputeThread } from "./cancellation.ts";
import { programScope } from "./program-scope.ts";

/** How the program ended on a rank. */
export interface ProgramEnd {
  readonly rank: number;
  readonly exitCode: number;
  /** True when the rank called `process.exit`. */
  readonly exited: boolean;
}

/** What the thread does for its program. */
export interface ProgramSurroundings {
  /** The URL here of a module that the driver names by its own. */
  localModule(module: string): string;
  talk(): Talk;
  /** Whether the thread's port to its host keeps the event loop alive. */
  holdOpen(hold: boolean): void;
  /** The thread ends now: this is what its kernel gives. One that ends in peace has sent what it sent. */
  leave(end: ProgramEnd): void;
}

let around: ProgramSurroundings | undefined;

/** For the thread's runtime. */
export function servePrograms(provided: ProgramSurroundings): void {
  around = provided;
}

/** @throws what the program throws, and UsageError when it awaits what can never come. */
export async function runProgram(module: string, context: RankContext): Promise<ProgramEnd> {
  const { rank, host, threads, comm: world, progress, cancelRequested } = context;
  const here = around!.localModule(module);
  process.argv[1] = fileURLToPath(here);
  enterComputeThread({ cancelRequested, park: refuseLaunch });
  programScope.rank = { world, host, threads, progress };
  const end = (exitCode: number, exited: boolean): ProgramEnd => ({ rank, exitCode, exited });
  process.exit = exitBy(process.exit, (code) => around!.leave(end(code, true)));
  await untilQuiet(import(here));
  const exitCode = Number(process.exitCode ?? 0);
  process.emit("exit", exitCode);
  return end(exitCode, false);
}

function exitBy(exit: typeof process.exit, leave: (code: number) => void): typeof process.exit {
  // Node ends a thread after an error that nobody caught by this same function; then the error is what is told.
  process.on("uncaughtExceptionMonitor", () => {
    if (process.listenerCount("uncaughtException") === 0) process.exit = exit;
  });
  return (wanted) => {
    const code = Number(wanted ?? process.exitCode ?? 0);
    leave(code);
    return exit(code);
  };
}

/** Resolves when the module has been evaluated, its rank waits for no message, and no timer or handle of it is left. */
function untilQuiet(load: Promise<unknown>): Promise<void> {
  const { talk, holdOpen } = around!;
  return new Promise((resolve, reject) => {
    let loaded = false;
    const settle = (how: () => void): void => {
      process.off("beforeExit", look);
      holdOpen(true);
      how();
    };
    // The event loop is empty; what keeps it open from here on is up to us: a message may still come.
    const look = (): void => {
      const { pending } = talk();
      if (!pending) return settle(loaded ? resolve : () => reject(neverLoaded()));
      holdOpen(true);
      void pending.then(() => holdOpen(false));
    };
    load.then(
      () => {
        loaded = true;
      },
      (error: unknown) => settle(() => reject(error)),
    );
    process.on("beforeExit", look);
    holdOpen(false);
  });
}

/** @throws UsageError for a rank that wants a cluster of its own. */
function refuseLaunch(): never {
  throw new UsageError(
    "a program that imports mpits/program is run by every rank of a cluster, so it can't launch one or spawn jobs; its ranks talk by world.",
  );
}

function neverLoaded(): UsageError {
  const error = new UsageError("the program awaits, at its top level, a promise that nothing can settle any more.");
  error.stack = String(error); // where we noticed says nothing
  return error;
}
