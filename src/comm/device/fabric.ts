/**
 * The memory that the ranks of one host share for talking: an inbox for each, and one for the way to other hosts; and for each
 * rank places for the pieces of large messages that it sends, and that come from other hosts.
 */
import { Inbox } from "./inbox.ts";
import { sentCountsBytes } from "./sent-counts.ts";
import { farPlaces, nearPlaces, parkingPlaces, Staging } from "./staging.ts";

/** Cells of one inbox. */
const cells = 64;

const nearBytes = Staging.byteLength(nearPlaces);
const parkingBytes = Staging.byteLength(parkingPlaces);
const farBytes = Staging.byteLength(farPlaces);
/** What a rank has beside its inbox. */
const shareBytes = nearBytes + parkingBytes + 2 * farBytes;

/** A fabric as a compute thread gets it; plain data and shared memory. */
export interface FabricMap {
  readonly buffer: SharedArrayBuffer;
  /** What each of the ranks of this host has sent: see sent-counts.ts. */
  readonly counts: SharedArrayBuffer;
  /** Ranks in the job, and after them the servers of windows. */
  readonly size: number;
  /** Servers of windows: one for each host, or none where there is one host. */
  readonly servers: number;
  /** The ranks of this host, in the order of their inboxes. */
  readonly localRanks: readonly number[];
  /** The host of each rank, as a small number. */
  readonly hosts: readonly number[];
}

/** Fresh memory for these ranks. What nobody uses of it costs nothing. */
export function createFabric(
  size: number,
  localRanks: readonly number[],
  hosts: readonly number[],
  servers = 0,
): FabricMap {
  const each = Inbox.byteLength(cells);
  const local = localRanks.length;
  const buffer = new SharedArrayBuffer(each * (local + 1) + local * shareBytes);
  for (let i = 0; i <= local; i++) Inbox.initialise(buffer, i * each, cells);
  const counts = new SharedArrayBuffer(sentCountsBytes(local, size));
  return { buffer, counts, size, servers, localRanks, hosts };
}

/** What one rank has of a fabric. */
interface Share {
  readonly inbox: Inbox;
  readonly near: Staging;
  readonly parking: Staging;
  readonly departing: Staging;
  readonly arriving: Staging;
}

/** The memory of a fabric, as one thread uses it. */
export class Fabric {
  readonly map: FabricMap;
  /** What leaves the host goes here; the host process reads it. */
  readonly gateway: Inbox;
  /** By rank; nothing for those of other hosts. */
  readonly #shares: (Share | undefined)[] = [];
  /** Fragments that this thread has put in for each rank, and taken of each, modulo 2^32. */
  readonly sent: Uint32Array;
  readonly taken: Uint32Array;

  constructor(map: FabricMap) {
    const { buffer, localRanks } = map;
    this.map = map;
    this.sent = new Uint32Array(map.size);
    this.taken = new Uint32Array(map.size);
    const each = Inbox.byteLength(cells);
    const stagings = each * (localRanks.length + 1);
    localRanks.forEach((rank, i) => {
      const from = stagings + i * shareBytes;
      this.#shares[rank] = {
        inbox: new Inbox(buffer, i * each, cells),
        near: new Staging(buffer, from, nearPlaces),
        parking: new Staging(buffer, from + nearBytes, parkingPlaces),
        departing: new Staging(buffer, from + nearBytes + parkingBytes, farPlaces),
        arriving: new Staging(buffer, from + nearBytes + parkingBytes + farBytes, farPlaces),
      };
    });
    this.gateway = new Inbox(buffer, localRanks.length * each, cells);
  }

  isLocal(rank: number): boolean {
    return this.#shares[rank] !== undefined;
  }

  /** Puts a fragment where it finds its way to this rank; false when there is no room. */
  push(dest: number, header: Int32Array, payload: Uint8Array, from: number, length: number): boolean {
    if (!this.towards(dest).push(header, payload, from, length)) return false;
    this.sent[dest]!++;
    return true;
  }

  /** Where to put what is meant for this rank: its inbox, or the gateway. */
  towards(rank: number): Inbox {
    return this.#shares[rank]?.inbox ?? this.gateway;
  }

  inboxOf(rank: number): Inbox {
    return this.#shares[rank]!.inbox;
  }

  /** Places for what this rank of this host sends to others of it. */
  nearOf(rank: number): Staging {
    return this.#shares[rank]!.near;
  }

  /** Places where this rank of this host leaves whole messages for others of it. */
  parkingOf(rank: number): Staging {
    return this.#shares[rank]!.parking;
  }

  /** Places for what this rank of this host sends to other hosts. */
  departingOf(rank: number): Staging {
    return this.#shares[rank]!.departing;
  }

  /** Places for what comes from other hosts for this rank of this host. */
  arrivingOf(rank: number): Staging {
    return this.#shares[rank]!.arriving;
  }
}
