/**
 * Lets the other threads of a core have it, as MPI libraries do where ranks share cores: to yield and come back takes a microsecond or
 * two, to sleep and be woken about fifty. JavaScript can't yield; the system's `sched_yield` is called through koffi, which is an
 * optional dependency. Per thread.
 */
import { later } from "../load-later.ts";

/** How a thread yields. */
export interface CoreYield {
  /** Yields; undefined before `open`, and where it can't be done. */
  readonly now: (() => unknown) | undefined;
  /** Takes about 5 ms, and memory of half a megabyte, so only who waits often does it. Later calls do nothing. */
  open(): void;
}

const koffi = later<typeof import("koffi").default>((require) => require("koffi"));

/** That of the calling thread. For compute threads: a main thread sleeps in its event loop. */
export const coreYield: CoreYield & { now: (() => unknown) | undefined } = {
  now: undefined,
  open() {
    this.open = () => {};
    if (process.platform === "linux") this.now = schedYield();
  },
};

function schedYield(): (() => unknown) | undefined {
  try {
    return koffi().load(null).func("int sched_yield()") as () => number;
  } catch {
    return undefined; // not installed, or forbidden: the rank sleeps sooner
  }
}
