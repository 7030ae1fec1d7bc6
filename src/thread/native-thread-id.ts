/** The operating system's number of the calling thread, as /proc/self/task has it; 0 where there is no such thing (it is Linux's). */
import { readlinkSync } from "node:fs";

export function nativeThreadId(): number {
  try {
    return Number(/\/task\/(\d+)$/.exec(readlinkSync("/proc/thread-self"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
