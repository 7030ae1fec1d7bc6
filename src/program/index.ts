/**
 * `mpits/program`: makes the program that imports it run on all ranks, as `mpirun` does. In a rank it gives what the rank has. In
 * the main thread it has the program run by the ranks, and never loads: so nothing of the program's body runs there.
 */
import { hereOrStart } from "./here.ts";

const here = hereOrStart();
export const { world, host, threads, progress } = "rank" in here ? here.rank : await here.started;
export { cancelRequested, raiseIfCancelled } from "../thread/cancellation.ts";
