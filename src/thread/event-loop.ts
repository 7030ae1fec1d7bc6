/** The event loop of a compute thread: what keeps it going beside the port to the host. */
import { parentPort } from "node:worker_threads";

let isHeld = true;

/** Whether the port to the host keeps the event loop alive; at first it does. */
export function holdLoopOpen(hold: boolean): void {
  isHeld = hold;
  if (hold) parentPort!.ref();
  else parentPort!.unref();
}

/** True when no timer, handle or request of the kernel's own can wake this thread. Timers that were unreferenced are not seen. */
export function isQuiet(): boolean {
  return process.getActiveResourcesInfo().length <= (isHeld ? 1 : 0);
}
