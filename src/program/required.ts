/** `mpits/program` for `require`, which can't wait: in the main thread it throws what stops the program's body there. */
import { hereOrStart } from "./here.ts";
import { ranksRunIt } from "./ranks-run-it.ts";

const here = hereOrStart();
export const { world, host, threads, progress } = "rank" in here ? here.rank : ranksRunIt();
export { cancelRequested, raiseIfCancelled } from "../thread/cancellation.ts";
