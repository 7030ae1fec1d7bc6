/** What a host process uses: processor time and memory, and where the system tells (Linux), the time of each rank's compute thread. */
import { readFileSync } from "node:fs";
import type { HostUsage } from "../wire/messages.ts";

/** Linux counts the time of threads in hundredths of a second, whatever the kernel's own clock (USER_HZ, proc(5)). */
const msPerTick = 10;

/** A rank, and its thread's number; 0 for one that is not known. */
export interface MeteredRank {
  readonly rank: number;
  readonly memory: { readonly threadId: number };
}

export class UsageMeter {
  readonly #ranks: readonly MeteredRank[];
  /** ms of processor time used up to the last look: the process, then each rank. */
  #before: readonly number[];
  #atMs = performance.now();
  #memoryBytes = 0;

  constructor(ranks: readonly MeteredRank[]) {
    this.#ranks = ranks;
    this.#before = this.#used();
  }

  /** Since the last look. Cores are an average: 0.5 is one core half of the time. */
  read(): HostUsage {
    const now = performance.now();
    const used = this.#used();
    const elapsedMs = Math.max(1, now - this.#atMs);
    const cores = used.map((ms, i) => Math.max(0, ms - this.#before[i]!) / elapsedMs);
    this.#before = used;
    this.#atMs = now;
    const ranks = this.#ranks.map(({ rank }, i) => ({ rank, cores: cores[i + 1]! }));
    return {
      cores: cores[0]!,
      memoryBytes: this.#memory(),
      ranks: ranks.filter((_, i) => this.#ranks[i]!.memory.threadId !== 0),
    };
  }

  /** Node opens a file for it, and throws when the process may open no more: as it was at the last look, then. */
  #memory(): number {
    try {
      this.#memoryBytes = process.memoryUsage.rss();
    } catch {
      // told by whoever needs a file
    }
    return this.#memoryBytes;
  }

  #used(): number[] {
    const { user, system } = process.cpuUsage();
    return [(user + system) / 1000, ...this.#ranks.map(({ memory }) => threadMs(memory.threadId))];
  }
}

/** ms of processor time that a thread of this process has used; 0 for one that is not there. */
function threadMs(id: number): number {
  if (id === 0) return 0;
  try {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third on; the second, its name, may hold anything
    return (Number(fields[11]) + Number(fields[12])) * msPerTick;
  } catch {
    return 0;
  }
}
