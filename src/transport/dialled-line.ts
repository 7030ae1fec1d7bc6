/**
 * The dialling side of one lane: a DEALER, and where bytes may be lost on the way, a ledger, by which a connection that stands still is
 * replaced by a new one. TCP waits twice as long after each loss of the same bytes, up to two minutes, and a line that
 * loses much comes to that; a new connection begins anew.
 */
import { Dealer } from "zeromq";
import { connectAnyway } from "./connect-anyway.ts";
import { ownContext } from "./context.ts";
import { maxMessageSize } from "./frame-limit.ts";
import { Ledger } from "./ledger.ts";
import { openParcel } from "./parcel.ts";
import { Patience, usualTickMs } from "./patience.ts";
import { routingId } from "./routing-id.ts";
import { type Route, SocketPump } from "./socket-pump.ts";
import type { Frames, Lane } from "./transport.ts";
import type { CurveKeys } from "./zap.ts";

export interface DealerOptions {
  /** This client's own keys and the server's public one. Without them the connection is plain. */
  readonly curve?: { readonly keys: CurveKeys; readonly serverKey: string } | undefined;
  /** True when the server is in this machine and can't be reached from outside of it: frames may then be of any length. */
  readonly inside?: boolean;
  /** The connection counts as broken when nothing was heard from the other side for so long, in ms. Undefined: only when it closes. */
  readonly heartbeatMs?: number | undefined;
  /** Between two looks at whether the connection stands still, in ms. Default: 250 */
  readonly tickMs?: number;
}

interface Connection {
  readonly dealer: Dealer;
  readonly pump: SocketPump;
}

/** How often a line that nobody watches is dialled anew for what it has sent last. */
const mostTries = 4;
/** While the line is watched and nothing else was under way for so many ticks, the other side is asked for an answer. */
const quietTicks = 1000 / usualTickMs;

export class DialledLine {
  /** Called when a new connection has taken the place of one that stood still. */
  onRenewed = (): void => {};
  readonly #name: string;
  readonly #lane: Lane;
  readonly #options: DealerOptions;
  readonly #ledger: Ledger | undefined;
  readonly #route: Route;
  readonly #patience = new Patience();
  #now: Connection;
  /** One that was not answered yet. */
  #next: Connection | undefined;
  #dialled = 0;
  #endpoint = "";
  #deliver: (frames: Frames) => void = () => {};
  #clock: NodeJS.Timeout | undefined;
  #moved = false;
  #quiet = 0;
  #watched = false;
  /** Since anything came. */
  #tries = 0;
  #broken: (() => void) | undefined;
  #closed = false;

  /** @param name by which the other side knows it */
  constructor(name: string, lane: Lane, options: DealerOptions) {
    this.#name = name;
    this.#lane = lane;
    this.#options = options;
    this.#ledger = options.inside ? undefined : new Ledger();
    this.#route = { ledger: this.#ledger };
    this.#now = this.#open();
  }

  start(deliver: (frames: Frames) => void): void {
    this.#deliver = deliver;
    this.#read(this.#now);
  }

  /** Calls back when the connection has broken. */
  onBroken(broken: () => void): void {
    this.#broken = broken;
    void this.#follow(this.#now);
  }

  connect(endpoint: string): void {
    this.#endpoint = endpoint;
    connectAnyway(this.#now.dealer, endpoint);
  }

  send(frames: Frames): Promise<void> {
    if (this.#ledger) this.#wind();
    return this.#now.pump.send(this.#lane, frames, this.#route);
  }

  flush(): void {
    this.#now.pump.flush();
  }

  /** Whether it is to be noticed that the connection stands still even when nothing is to be sent by it. */
  watch(on: boolean): void {
    this.#watched = on && this.#ledger !== undefined;
    if (this.#watched) this.#wind();
  }

  /** Tries a new connection; the present one stays until that is answered. */
  renew(): void {
    if (!this.#ledger || this.#closed) return;
    void this.#next?.pump.close();
    const next = this.#open();
    this.#next = next;
    this.#tries += 1;
    this.#read(next);
    void this.#follow(next);
    connectAnyway(next.dealer, this.#endpoint);
    next.pump.sendFirst([this.#ledger.resume()]);
  }

  rest(): void {
    this.#now.pump.rest();
  }

  resume(): void {
    this.#now.pump.resume();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#clock);
    await Promise.all([this.#now.pump.close(), this.#next?.pump.close()]);
  }

  #open(): Connection {
    const dealer = makeDealer(routingId(this.#name, this.#lane, this.#dialled++), this.#options);
    return { dealer, pump: new SocketPump(dealer, { inStretches: true }) };
  }

  /** Only where somebody wants to know: ZeroMQ's events keep a program from ending. */
  async #follow(connection: Connection): Promise<void> {
    if (!this.#broken) return;
    for await (const { type } of connection.dealer.events)
      if (type === "disconnect" && connection === this.#now && !this.#closed) this.#broken();
  }

  #read(connection: Connection): void {
    connection.pump.start((frames) =>
      this.#ledger ? this.#came(connection, frames, this.#ledger) : this.#hand(frames),
    );
  }

  #hand(parcel: Frames): void {
    for (const frames of openParcel(parcel)) this.#deliver(frames);
  }

  #came(by: Connection, frames: Frames, ledger: Ledger): void {
    this.#moved = true;
    this.#tries = 0;
    const taken = ledger.take(frames);
    if (taken === "unreadable") this.#deliver([]);
    else if (taken === "resume") this.#goOn(by, ledger);
    else if (taken !== "nothing") this.#hand(taken.parcel);
    if (ledger.owesMuch) this.#now.pump.sendFirst([ledger.note()]);
    this.#wind();
  }

  /** The other side has answered by this connection: all goes by it from now on. */
  #goOn(by: Connection, ledger: Ledger): void {
    if (by !== this.#next) return;
    const old = this.#now;
    this.#now = by;
    this.#next = undefined;
    by.pump.sendFirst(ledger.again(), this.#route);
    old.pump.handOver(by.pump);
    void old.pump.close();
    this.onRenewed();
  }

  #wind(): void {
    if (this.#closed) return;
    this.#clock ??= setInterval(() => this.#tick(this.#ledger!), this.#options.tickMs ?? usualTickMs).unref();
  }

  #tick(ledger: Ledger): void {
    if (ledger.owes) this.#now.pump.sendFirst([ledger.note()]);
    this.#quiet = this.#moved || ledger.waits ? 0 : this.#quiet + 1;
    if (this.#watched && this.#quiet >= quietTicks && this.#now.pump.isIdle)
      this.#now.pump.sendFirst(ledger.number([]));
    const over = this.#patience.tick(ledger.waits, this.#moved);
    const tries = this.#watched || this.#tries < mostTries;
    this.#moved = false;
    if (over && tries) this.renew();
    if (this.#watched || (tries && (ledger.waits || this.#next))) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }
}

/** A socket that names itself so. */
function makeDealer(id: string, { curve, inside = false, heartbeatMs }: DealerOptions): Dealer {
  return new Dealer({
    context: ownContext,
    linger: 0,
    routingId: id,
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
    maxMessageSize: maxMessageSize(inside),
    // By itself it would go on behind what is lost with its connection.
    ...(!inside && { reconnectInterval: -1 }),
    ...(curve && {
      curvePublicKey: curve.keys.publicKey,
      curveSecretKey: curve.keys.secretKey,
      curveServerKey: curve.serverKey,
    }),
    // ZeroMQ's I/O thread answers, so a busy other side is not silent.
    ...(heartbeatMs !== undefined && heartbeats(heartbeatMs)),
  });
}

/** ZeroMQ waits for the answer to a beat, and the silence began up to one interval before that beat. */
function heartbeats(silenceMs: number): { heartbeatInterval: number; heartbeatTimeout: number } {
  const heartbeatInterval = Math.ceil(silenceMs / 3);
  return { heartbeatInterval, heartbeatTimeout: silenceMs - heartbeatInterval };
}
