/**
 * Serves the windows of this host's ranks to those of other hosts, in the host's main thread: so an access needs nothing of the rank
 * whose memory it is, however long that computes. To the others it is one more rank.
 */
import { Device } from "../comm/device/device.ts";
import { Fabric, type FabricMap } from "../comm/device/fabric.ts";
import { boxedPayload, payloadOf } from "../comm/device/payload.ts";
import { SentCounts } from "../comm/device/sent-counts.ts";
import { Messenger } from "../comm/messenger.ts";
import type { Operation } from "../comm/operation.ts";
import { type Access, dataTag, headTag, serviceContext } from "../comm/window/access.ts";
import { accessOp } from "../comm/window/access-ops.ts";
import type { ExposedMemory, WindowArray } from "../comm/window/window-memory.ts";
import { bytesOf } from "../wire/typed-arrays.ts";

/** What it needs of its host. */
export interface WindowServerSurroundings {
  /** The memory of a rank in a window. @throws when there is none */
  memoryOf(window: number, rank: number): ExposedMemory;
  warn(message: string, details: object): void;
}

const noLimit = Number.POSITIVE_INFINITY;
/** It never looks for long, for it serves from the main thread. */
const neverYields = { now: undefined, open() {} };
const nothing = new Uint8Array(0);

export class WindowServer {
  readonly #messenger: Messenger;
  readonly #around: WindowServerSurroundings;

  /**
   * @param rank its own number, beyond those of the job
   * @param origins the ranks of other hosts
   */
  constructor(map: FabricMap, rank: number, origins: readonly number[], around: WindowServerSurroundings) {
    const fabric = new Fabric(map);
    this.#around = around;
    this.#messenger = new Messenger((arrivals) => new Device(rank, fabric, arrivals), new SentCounts(map, rank), {
      tell: () => {},
      isQuiet: () => false,
      raiseIfCancelled: () => {},
      coreYield: neverYields,
    });
    for (const origin of origins) void this.#serve(origin);
  }

  close(): void {
    this.#messenger.close();
  }

  /** One after the other: what a rank asked for first is done first. */
  async #serve(origin: number): Promise<void> {
    while (!this.#messenger.isClosed) {
      try {
        const access = (await this.#receive(origin, headTag)) as Access;
        await this.#do(origin, access);
      } catch (error) {
        if (!this.#messenger.isClosed)
          this.#around.warn("an access to a window was dropped", { origin, error: String(error) });
      }
    }
  }

  async #do(origin: number, access: Access): Promise<void> {
    const memory = this.#around.memoryOf(access.window, access.target);
    switch (access.do) {
      case "put":
        await this.#receive(origin, dataTag, memory.part(access.offset, access.count));
        return;
      case "get":
        return this.#answer(origin, access, memory.part(access.offset, access.count));
      case "accumulate": {
        const data = (await this.#receive(origin, dataTag)) as WindowArray;
        const before = access.answer === 0 ? undefined : data.slice();
        memory.accumulate(accessOp(access.op), data, access.offset, before);
        return before && this.#answer(origin, access, before);
      }
      case "swap": {
        const pair = (await this.#receive(origin, dataTag)) as WindowArray;
        pair[0] = memory.compareAndSwap(pair[0]!, pair[1]!, access.offset) as never;
        return this.#answer(origin, access, pair.subarray(0, 1));
      }
      case "lock":
        return void this.#lock(origin, access, memory);
      case "unlock":
        memory.unlock(access.exclusive);
        this.#messenger.ringHost();
        return this.#answer(origin, access, nothing);
      case "flush":
        return this.#answer(origin, access, nothing);
    }
  }

  /** Not in turn: what its origin asks of others meanwhile must not wait for it. */
  async #lock(origin: number, access: Access & { readonly exclusive: boolean }, memory: ExposedMemory): Promise<void> {
    const { exclusive } = access;
    if (!memory.tryLock(exclusive)) {
      if (exclusive) memory.want(true);
      let has = false;
      await this.#messenger
        .wait(
          {
            what: "a lock",
            get isOver() {
              has ||= memory.tryLock(exclusive);
              return has;
            },
          },
          noLimit,
          () => {},
        )
        .catch(() => {}); // the job is over
      if (exclusive) memory.want(false);
    }
    this.#answer(origin, access, nothing);
  }

  async #receive(source: number, tag: number, into?: WindowArray): Promise<unknown> {
    const operation: Operation = this.#messenger.receive(
      { context: serviceContext, source, tag },
      into && bytesOf(into),
    );
    const isOver = {
      what: "an access",
      get isOver() {
        return operation.outcome !== undefined;
      },
    };
    return await this.#messenger.wait(isOver, noLimit, () => {
      const outcome = operation.outcome!;
      if ("error" in outcome) throw outcome.error;
      return outcome.received?.data;
    });
  }

  #answer(origin: number, { answer: tag }: Access, data: WindowArray): void {
    if (tag === 0) return;
    this.#messenger.send(origin, serviceContext, tag, data === nothing ? boxedPayload(null) : payloadOf(data), false);
  }
}
