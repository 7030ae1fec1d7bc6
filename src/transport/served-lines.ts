/**
 * The lanes of those who are connected to a ROUTER. Where bytes may be lost on the way, each has a ledger, and goes on by a new
 * connection when its peer makes one: the peer alone can, so it is the one that notices a connection which stands still.
 */
import { Ledger, type Taken } from "./ledger.ts";
import { usualTickMs } from "./patience.ts";
import { routingId, splitRoutingId } from "./routing-id.ts";
import type { Route, SocketPump } from "./socket-pump.ts";
import { type Frames, type Lane, lanes } from "./transport.ts";

/** The lane of a peer; changes its routing id when the peer connects anew. */
export interface ServedLine extends Route {
  readonly peer: string;
  readonly lane: Lane;
  id: Uint8Array;
  /** Which of the lane's connections it is. */
  nth: number;
}

/** The most lanes of peers that may come unasked; of what others send, nothing is kept. */
const mostLines = 1 << 14;

export class ServedLines {
  readonly #numbered: boolean;
  readonly #lines = new Map<string, ServedLine>();
  /** Those that something came by of which their peers were not told. */
  readonly #owing = new Set<ServedLine>();
  readonly #pump: SocketPump;
  readonly #tickMs: number;
  #clock: NodeJS.Timeout | undefined;

  /**
   * @param numbered whether bytes may be lost on the way
   * @param tickMs how long a peer may wait to be told what came, in ms
   */
  constructor(pump: SocketPump, numbered: boolean, tickMs = usualTickMs) {
    this.#tickMs = tickMs;
    this.#pump = pump;
    this.#numbered = numbered;
  }

  /** Undefined for a peer that was not heard, where that is needed to know it. */
  find(peer: string, lane: Lane): ServedLine | undefined {
    return this.#lines.get(routingId(peer, lane)) ?? (this.#numbered ? undefined : this.#make(peer, lane));
  }

  /** What came from a routing id: a parcel, if it is whole now and not a second time here; undefined for what is nothing to act on. */
  take(id: Uint8Array, frames: Frames): { readonly line: ServedLine; readonly parcel: Frames } | undefined {
    const { peer, lane, nth } = splitRoutingId(id);
    const line = lane && (this.#lines.get(routingId(peer, lane)) ?? this.#make(peer, lane));
    if (!line) return undefined;
    if (!line.ledger) return { line, parcel: frames };
    const taken = line.ledger.take(frames);
    if (taken === "resume") this.#goOn(line, line.ledger, id, nth);
    this.#owe(line, line.ledger);
    return parcelOf(taken, line);
  }

  /** Nothing is kept for a peer that is gone. */
  forget(peer: string): void {
    for (const lane of lanes) this.#lines.delete(routingId(peer, lane));
  }

  close(): void {
    clearInterval(this.#clock);
    this.#lines.clear();
  }

  #make(peer: string, lane: Lane): ServedLine | undefined {
    if (this.#numbered && this.#lines.size >= mostLines) return undefined;
    const key = routingId(peer, lane);
    const line = { peer, lane, id: Buffer.from(key), nth: 0, ledger: this.#numbered ? new Ledger() : undefined };
    this.#lines.set(key, line);
    return line;
  }

  /** By the new connection from now on, and again what the peer has not got by the old one. */
  #goOn(line: ServedLine, ledger: Ledger, id: Uint8Array, nth: number): void {
    if (nth <= line.nth) return;
    line.nth = nth;
    line.id = Buffer.from(id);
    this.#pump.sendFirst([ledger.resume(), ...ledger.again()], line);
  }

  #owe(line: ServedLine, ledger: Ledger): void {
    if (ledger.owesMuch) return this.#pump.sendFirst([ledger.note()], line);
    if (!ledger.owes) return;
    this.#owing.add(line);
    this.#clock ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  #tick(): void {
    for (const line of this.#owing) if (line.ledger?.owes) this.#pump.sendFirst([line.ledger.note()], line);
    this.#owing.clear();
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

function parcelOf(taken: Taken, line: ServedLine): { line: ServedLine; parcel: Frames } | undefined {
  if (taken === "unreadable") return { line, parcel: [] };
  return typeof taken === "object" ? { line, parcel: taken.parcel } : undefined;
}
