/**
 * What `mpits/program` finds where it is loaded: in a compute thread that runs a whole program its rank, in a program's main
 * thread the way to have it run by all ranks. One per thread, even where two copies of this package are loaded.
 */
import type { RankContext } from "../kernels/define-kernel.ts";

/** What a program's rank has of its surroundings. */
export interface ProgramRank extends Pick<RankContext, "host" | "threads" | "progress"> {
  /** All ranks of the program. MPI_COMM_WORLD. */
  readonly world: RankContext["comm"];
}

interface ProgramScope {
  rank?: ProgramRank;
  /** How a main thread has its program run; it ends the process and never resolves. Default: on all cores of this machine. */
  launch?: (file: string) => Promise<never>;
}

const key = Symbol.for("mpits.program");
const holder = globalThis as { [key]?: ProgramScope };
holder[key] ??= {};

export const programScope: ProgramScope = holder[key];
