/** What a program finds at its first line: its rank, or, in its main thread, that the ranks run it. */
import { isMainThread } from "node:worker_threads";
import { UsageError } from "../errors.ts";
import { type ProgramRank, programScope } from "../thread/program-scope.ts";

/** @throws UsageError where no program runs, or none that all ranks could. */
export function hereOrStart(): { readonly rank: ProgramRank } | { readonly started: Promise<never> } {
  const { rank, launch } = programScope;
  if (rank) return { rank };
  if (!isMainThread)
    throw new UsageError(
      "mpits/program is for programs that every rank runs as a whole; a kernel with together: true talks by rank.comm, and a thread of your own by none.",
    );
  const file = programFile();
  return {
    started: launch ? launch(file) : import("./launch-program.ts").then(({ launchProgram }) => launchProgram(file)),
  };
}

/** Test runners and other tools load modules too; they must not start on all ranks. */
function programFile(): string {
  const file = process.argv[1];
  if (file === undefined)
    throw new UsageError("mpits/program is for programs in files: node program.js, or mpits run -n 4 program.js.");
  if (/[\\/]node_modules[\\/]/.test(file))
    throw new UsageError(
      `mpits/program was loaded by ${file}, which is no program of yours. Start yours by mpits run.`,
    );
  return file;
}
