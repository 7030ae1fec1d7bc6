/**
 * Point-to-point messages of one rank: joins the matching engine, which says what goes to whom, with the device, which moves
 * bytes, and gives operations to wait for. Everything happens in the rank's own thread; waiting makes progress.
 */
import type { CoreYield } from "./core-yield.ts";
import type { Arrivals, Device } from "./device/device.ts";
import type { Envelope } from "./device/fragment.ts";
import { type Payload, valueType } from "./device/payload.ts";
import type { Least, SentCounts } from "./device/sent-counts.ts";
import { type Arrived, Landing, type Receive } from "./landing.ts";
import { Matcher, type Selector } from "./matching.ts";
import type { Operation } from "./operation.ts";
import { isOfUsers } from "./station.ts";
import { Stillness } from "./stillness.ts";
import { messageWait, Transfer } from "./underway.ts";
import type { Standing, Wait } from "./wait-for.ts";
import { type Awaitable, Waiting } from "./waiting.ts";

/** Something that goes on when messages have come. */
export interface Advancing {
  /** True when it is over. */
  advance(): boolean;
}

/** What a messenger needs of its thread. */
export interface MessengerSurroundings {
  /** Where this rank stands from now on; undefined: it goes on. */
  tell(standing: Standing | undefined): void;
  /** True when the thread's event loop holds nothing but this messenger's waits. */
  isQuiet(): boolean;
  /** Ends what waits when the job was cancelled. @throws RankLostError when it was for a rank that is lost */
  raiseIfCancelled(): void;
  /** How to let others have the core; undefined where each rank of this host has one to itself, as far as is known. */
  readonly coreYield: CoreYield | undefined;
}

/** A send is over; nothing was received by it. */
const done = {};
const noLimit = Number.POSITIVE_INFINITY;

export class Messenger {
  readonly #device: Device;
  readonly #sent: SentCounts;
  readonly #landing: Landing;
  readonly #stillness: Stillness;
  readonly #waiting: Waiting;
  readonly #matcher = new Matcher<Arrived, Receive>();
  readonly #advancing = new Set<Advancing>();

  /** @param makeDevice gets what must hear of arrivals */
  constructor(makeDevice: (arrivals: Arrivals) => Device, sent: SentCounts, around: MessengerSurroundings) {
    this.#sent = sent;
    this.#device = makeDevice({ arrived: (envelope, cell, from) => this.#arrived(envelope, cell, from) });
    this.#landing = new Landing(this.#device);
    this.#stillness = new Stillness({
      tell: (standing) => around.tell(standing),
      traffic: () => ({
        ...this.#device.counts,
        blocked: this.#device.blockedBy,
        unreceived: this.#matcher.unexpected().map(({ source, tag, context }) => ({ source, tag, context })),
      }),
    });
    this.#waiting = new Waiting(
      {
        progress: () => this.progress(),
        sleep: (timeoutMs) => this.#device.sleep(timeoutMs),
        rest: (timeoutMs) => this.#device.rest(timeoutMs),
        isQuiet: () => around.isQuiet(),
        raiseIfCancelled: () => around.raiseIfCancelled(),
        coreYield: around.coreYield,
      },
      this.#stillness,
    );
  }

  send(dest: number, context: number, tag: number, payload: Payload, synchronous: boolean): Operation {
    this.#stillness.stir();
    const operation = new Transfer("receiver", { context, source: dest, tag });
    this.#sent.sent(dest, payload.bytes.byteLength, isOfUsers(context) || payload.type === valueType);
    this.#device.send(dest, context, tag, payload, synchronous, () => {
      operation.outcome = done;
    });
    return operation;
  }

  /** Counts this rank's share of the least that a collective can do with. */
  needs(least: Least): void {
    this.#sent.needs(least);
  }

  /**
   * @param into where a typed array's bytes go; without it a new array is made
   * @param landed gets the bytes when they are all in `into`
   */
  receive(wanted: Selector, into: Uint8Array | undefined, landed?: (bytes: Uint8Array) => void): Operation {
    const { context, source, tag } = wanted;
    const operation = new Transfer("message", wanted);
    this.#stillness.stir();
    const receive: Receive = { context, source, tag, capacity: into?.byteLength, operation, into, landed };
    const message = this.#matcher.post(receive);
    if (message) this.#landing.land(message, receive, message.bytes, 0);
    else operation.cancel = () => this.#takeBack(receive);
    return operation;
  }

  /** Receives a message that `take` gave. */
  receiveTaken(message: Arrived, into: Uint8Array | undefined, landed?: (bytes: Uint8Array) => void): Operation {
    const operation: Operation = {
      outcome: undefined,
      what: `recv of a message from rank ${message.source}`,
      wait: messageWait(message),
    };
    this.#stillness.stir();
    this.#landing.land(message, { ...message, operation, into, landed }, message.bytes, 0);
    return operation;
  }

  /** What a receive would get now, if anything. */
  probe(wanted: Selector): Envelope | undefined {
    this.progress();
    return this.#matcher.probe(wanted)?.envelope;
  }

  /** The same, taken out of the queue: nobody else can receive it. */
  take(wanted: Selector): Arrived | undefined {
    this.progress();
    return this.#matcher.take(wanted);
  }

  /** What still waits to be received in a context: its name for errors. */
  waitingIn(context: number): string | undefined {
    return this.#matcher.waitingIn(context)?.operation.what;
  }

  /** A context is no more: what nobody received there is dropped, and what still comes. */
  forget(context: number): void {
    this.#matcher.forget(context, (message) => this.#landing.drop(message));
  }

  /** Takes what has come, sends what can go, and lets collectives go on. True when anything moved. */
  progress(): boolean {
    if (!this.#device.progress()) return false;
    this.#stillness.stir();
    for (const each of this.#advancing) if (each.advance()) this.#advancing.delete(each);
    return true;
  }

  /** `each.advance()` is called whenever something has moved, until it is over. */
  advanceWithProgress(each: Advancing): void {
    this.#advancing.add(each);
  }

  /** Blocks the thread until it is over. @throws CommunicationTimeoutError; what cancels the kernel when its job was cancelled */
  waitSync(awaited: Awaitable, timeoutMs: number): void {
    this.#waiting.blockUntil(awaited, timeoutMs);
  }

  /** The same as a promise of what `result` gives then. */
  wait<Result>(awaited: Awaitable, timeoutMs: number, result: () => Result): Promise<Result> {
    return this.#waiting.until(awaited, timeoutMs, result);
  }

  /** Resolves when all that was sent has left, so that the thread may turn to something else. */
  flush(): Promise<void> {
    return this.wait(this.#drained, noLimit, () => {});
  }

  /** As `flush`; blocks the thread. */
  flushSync(): void {
    this.waitSync(this.#drained, noLimit);
  }

  /** Wakes whoever sleeps on this host: something that they look at has changed. */
  ringHost(): void {
    this.#device.ringHost();
  }

  get isClosed(): boolean {
    return this.#waiting.isClosed;
  }

  /** Whoever waits is told so; nothing more is sent or received. */
  close(): void {
    this.#waiting.close();
  }

  /** This rank does nothing more for its job. */
  finish(): void {
    this.#stillness.finish();
  }

  /** While somebody waits (not blocking): resolves when nobody does any more. */
  get pending(): Promise<void> | undefined {
    return this.#waiting.pending;
  }

  get #drained(): Awaitable {
    const device = this.#device;
    return {
      what: "the end of its sends",
      get isOver() {
        return device.drained;
      },
      waits: () =>
        device.undelivered.map(
          ({ dest, context, tag }): Wait => ({ for: "receiver", peers: [dest], tag, context, name: "" }),
        ),
    };
  }

  #takeBack(receive: Receive): boolean {
    if (!this.#matcher.cancel(receive)) return false;
    receive.operation.outcome = {};
    return true;
  }

  #arrived(envelope: Envelope, cell: Uint8Array | undefined, from: number): void {
    const { context, source, tag, bytes: byteLength } = envelope;
    const message: Arrived = { context, source, tag, byteLength, envelope, bytes: undefined };
    if (this.#matcher.hasForgotten(context)) return this.#landing.drop({ ...message, bytes: cell });
    const receive = this.#matcher.arrive(message);
    if (receive) this.#landing.land(message, receive, cell, from);
    else if (cell) message.bytes = cell.slice(from, from + byteLength); // the inbox's cell is used again
  }
}
