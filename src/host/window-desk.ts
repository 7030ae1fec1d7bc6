/** The windows of one job on this host: hands the ranks of the host each other's memory, and serves it to those of other hosts. */
import type { MessagePort } from "node:worker_threads";
import { Fabric, type FabricMap } from "../comm/device/fabric.ts";
import type { Exposure, Shown } from "../comm/window/make-window.ts";
import { ExposedMemory, type WindowMemory } from "../comm/window/window-memory.ts";
import { UsageError } from "../errors.ts";
import { WindowServer } from "./window-server.ts";

/** Ranks of this host that have told what they show; complete when all have. */
interface Gathering {
  readonly came: Map<number, { readonly shown: Shown; readonly reply: MessagePort }>;
}

export class WindowDesk {
  readonly #fabric: Fabric;
  readonly #server: WindowServer | undefined;
  readonly #gathering = new Map<number, Gathering>();
  readonly #windows = new Map<number, ReadonlyMap<number, ExposedMemory>>();

  /** @param size ranks of the job; those numbered beyond are the servers, one for each host */
  constructor(map: FabricMap, size: number, warn: (message: string, details: object) => void) {
    this.#fabric = new Fabric(map);
    const own = map.hosts[map.localRanks[0]!]!;
    const others = [...map.hosts.keys()].filter((rank) => rank < size && map.hosts[rank] !== own);
    if (others.length > 0)
      this.#server = new WindowServer(map, size + own, others, {
        memoryOf: (window, rank) => this.#memoryOf(window, rank),
        warn,
      });
  }

  expose({ window, rank, ranks, shown }: Exposure, reply: MessagePort): void {
    const gathering = this.#gathering.get(window) ?? { came: new Map() };
    this.#gathering.set(window, gathering);
    gathering.came.set(rank, { shown, reply });
    if (gathering.came.size < ranks.length) return;
    this.#gathering.delete(window);
    this.#hand(window, ranks, gathering);
  }

  withdraw(window: number): void {
    this.#windows.delete(window);
  }

  close(): void {
    this.#server?.close();
    this.#windows.clear();
  }

  #hand(window: number, ranks: readonly number[], { came }: Gathering): void {
    const first = came.get(ranks[0]!)!.shown.buffer!;
    const memories = ranks.map((rank): WindowMemory => {
      const { shown } = came.get(rank)!;
      return { ...shown, buffer: shown.buffer ?? first };
    });
    this.#windows.set(window, new Map(ranks.map((rank, i) => [rank, new ExposedMemory(memories[i]!)])));
    for (const rank of ranks) {
      came.get(rank)!.reply.postMessage(memories);
      this.#fabric.inboxOf(rank).ringReader(); // it looks when it is woken
    }
  }

  #memoryOf(window: number, rank: number): ExposedMemory {
    const memory = this.#windows.get(window)?.get(rank);
    if (!memory) throw new UsageError(`rank ${rank} has no memory in window ${window}.`);
    return memory;
  }
}
