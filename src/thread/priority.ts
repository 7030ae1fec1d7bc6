/**
 * How a compute thread stands among all that wants the processor. Below what answers people and other hosts: a thread that computes
 * without end must not keep a cancel, a heartbeat or a shell waiting.
 */
import { getPriority, setPriority } from "node:os";

/** Nobody stands lower. */
const lowest = 19;

/**
 * Lowers the calling thread alone, below the process that it is part of; threads and processes that it starts are as low. It does
 * nothing where threads have no priority of their own: on anything but Linux.
 *
 * @param nice 0 to 19, as `nice -n` counts; 0 changes nothing
 */
export function giveWay(nice: number): void {
  if (nice === 0 || process.platform !== "linux") return;
  try {
    setPriority(Math.min(lowest, getPriority() + nice));
  } catch {} // a sandbox that forbids it: the rank computes all the same
}
