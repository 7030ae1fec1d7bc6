/** The memory that the ranks of one host share for talking: an inbox for each, and one for the way to other hosts. */
import { Inbox } from "./inbox.ts";

/** Cells of one inbox. */
const cells = 64;

/** A fabric as a compute thread gets it; plain data and shared memory. */
export interface FabricMap {
  readonly buffer: SharedArrayBuffer;
  /** Ranks in the job. */
  readonly size: number;
  /** The ranks of this host, in the order of their inboxes. */
  readonly localRanks: readonly number[];
  /** The host of each rank, as a small number. */
  readonly hosts: readonly number[];
}

/** Fresh memory for these ranks. */
export function createFabric(size: number, localRanks: readonly number[], hosts: readonly number[]): FabricMap {
  const each = Inbox.byteLength(cells);
  const buffer = new SharedArrayBuffer(each * (localRanks.length + 1));
  for (let i = 0; i <= localRanks.length; i++) Inbox.initialise(buffer, i * each, cells);
  return { buffer, size, localRanks, hosts };
}

/** The inboxes of a fabric, as one thread uses them. */
export class Fabric {
  readonly map: FabricMap;
  /** What leaves the host goes here; the host process reads it. */
  readonly gateway: Inbox;
  readonly #inboxes = new Map<number, Inbox>();

  constructor(map: FabricMap) {
    this.map = map;
    const each = Inbox.byteLength(cells);
    map.localRanks.forEach((rank, i) => {
      this.#inboxes.set(rank, new Inbox(map.buffer, i * each, cells));
    });
    this.gateway = new Inbox(map.buffer, map.localRanks.length * each, cells);
  }

  isLocal(rank: number): boolean {
    return this.#inboxes.has(rank);
  }

  /** Where to put what is meant for this rank: its inbox, or the gateway. */
  towards(rank: number): Inbox {
    return this.#inboxes.get(rank) ?? this.gateway;
  }

  inboxOf(rank: number): Inbox {
    return this.#inboxes.get(rank)!;
  }
}
