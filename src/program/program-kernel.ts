/** The kernel of a whole program: every rank gets the program's module as its part, and imports it. */
import { MpitsError } from "../errors.ts";
import { defineKernel } from "../kernels/define-kernel.ts";
import { type ProgramEnd, runProgram } from "../thread/program-run.ts";

/** A rank ended the program on all by `process.exit`, as MPI_Abort does. Stays at the driver. */
export class ProgramExit extends MpitsError {
  override readonly name = "ProgramExit";
  readonly code = "MPITS_PROGRAM_EXIT";
  readonly rank: number;
  readonly exitCode: number;
  constructor({ rank, exitCode }: ProgramEnd) {
    super(`rank ${rank} called process.exit(${exitCode})`);
    this.rank = rank;
    this.exitCode = exitCode;
  }
}

/** Its input is the URL of the program's module; its result the exit code: that of the lowest rank whose code is not 0. */
export const programKernel = defineKernel({
  name: "program",
  module: import.meta.url,
  together: true,
  order: "arrival",
  *scatter(module: string, world) {
    for (let rank = 0; rank < world.size; rank++) yield module;
  },
  compute: (module: string, rank) => runProgram(module, rank),
  async reduce(ends: AsyncIterable<ProgramEnd>) {
    const failed: ProgramEnd[] = [];
    for await (const end of ends) {
      if (end.exitCode === 0) continue;
      if (end.exited) throw new ProgramExit(end);
      failed.push(end);
    }
    failed.sort((a, b) => a.rank - b.rank);
    return failed[0]?.exitCode ?? 0;
  },
});
