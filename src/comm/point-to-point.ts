/**
 * Messages from rank to rank, in MPI's words (MPI 4.1 chapter 3; mpi4py's manners). Calls give promises; a kernel that is
 * synchronous uses the forms whose names end in `Sync`, which block its thread.
 */
import { expected, UsageError } from "../errors.ts";
import { bytesOf } from "../wire/typed-arrays.ts";
import { payloadOf } from "./device/payload.ts";
import { ANY_SOURCE, ANY_TAG, PROC_NULL, type Selector, TAG_UPPER_BOUND } from "./matching.ts";
import type { Messenger, Operation, Received } from "./messenger.ts";
import { Request } from "./request.ts";
import { Section } from "./section.ts";

/** Options of a send. */
export interface SendOptions {
  /** 0 to 2^31 − 1. Default 0. */
  readonly tag?: number;
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** Options of a receive. */
export interface ReceiveOptions {
  /** Default `ANY_SOURCE`. */
  readonly source?: number;
  /** Default `ANY_TAG`. */
  readonly tag?: number;
  /** A typed array that the message goes into, without another copy; or a section of one. A message that is longer is an error. */
  readonly into?: ArrayBufferView | Section;
  /** Default: no limit. */
  readonly timeoutMs?: number;
}

/** What was received, with its status. */
export interface Message<Data = unknown> {
  readonly data: Data;
  readonly source: number;
  readonly tag: number;
  /** Bytes of the data as they travelled. */
  readonly bytes: number;
}

/** A message that is there, or announced, and was not received yet. */
export type Status = Omit<Message, "data">;

const noLimit = Number.POSITIVE_INFINITY;

/** The point-to-point half of a communicator. */
export class PointToPoint {
  /** This rank's number here, 0 to size − 1. */
  readonly rank: number;
  readonly size: number;
  protected readonly messenger: Messenger;
  /** The first of this communicator's context numbers: that of its messages. */
  protected readonly context: number;
  /** The job's rank of each rank here. */
  protected readonly members: readonly number[];
  /** The other way round. */
  readonly #ranks: ReadonlyMap<number, number>;
  #closed = false;

  constructor(messenger: Messenger, context: number, members: readonly number[], rank: number) {
    this.messenger = messenger;
    this.context = context;
    this.members = members;
    this.#ranks = new Map(members.map((member, i) => [member, i]));
    this.rank = rank;
    this.size = members.length;
  }

  /**
   * Sends any value that structured clone can carry; a typed array or a section of one goes as its bytes, through no encoder. Resolves when the
   * data may be changed again: small messages at once, large ones when they have been received. MPI_Send.
   *
   * @throws UsageError for a rank or tag that is none; CommunicationTimeoutError
   */
  async send(data: unknown, dest: number, options: SendOptions = {}): Promise<void> {
    await this.isend(data, dest, options).wait(options);
  }

  /** As `send`, but resolves only when the receive has begun. MPI_Ssend. */
  async ssend(data: unknown, dest: number, options: SendOptions = {}): Promise<void> {
    await this.issend(data, dest, options).wait(options);
  }

  /** Receives a message. MPI_Recv. @throws UsageError when it does not fit `into`; CommunicationTimeoutError */
  recv<Data = unknown>(options: ReceiveOptions = {}): Promise<Message<Data>> {
    return this.irecv<Data>(options).wait(options);
  }

  /** Sends to one rank and receives from another (or the same), without a deadlock whatever the order. MPI_Sendrecv. */
  async sendrecv<Data = unknown>(
    data: unknown,
    dest: number,
    options: ReceiveOptions & { sendTag?: number } = {},
  ): Promise<Message<Data>> {
    const receive = this.irecv<Data>(options);
    const sending = this.isend(data, dest, { tag: options.sendTag ?? 0 });
    const message = await receive.wait(options);
    await sending.wait(options);
    return message;
  }

  /** Starts to send. The data must not change until the request is done. MPI_Isend. */
  isend(data: unknown, dest: number, options: SendOptions = {}): Request<void> {
    return this.#startSend(data, dest, options, false);
  }

  /** Starts to send; done when the receive has begun. MPI_Issend. */
  issend(data: unknown, dest: number, options: SendOptions = {}): Request<void> {
    return this.#startSend(data, dest, options, true);
  }

  /** Starts to receive. MPI_Irecv. */
  irecv<Data = unknown>(options: ReceiveOptions = {}): Request<Message<Data>> {
    const { into } = options;
    const wanted = this.#selector(options);
    if (into !== undefined && !ArrayBuffer.isView(into) && !(into instanceof Section))
      throw expected("into", "a typed array or a section of one", into);
    if (options.source === PROC_NULL)
      return this.#nothing({ data: undefined, source: PROC_NULL, tag: ANY_TAG, bytes: 0 } as Message<Data>);
    const operation = this.#startReceive(wanted, into);
    const array = into instanceof Section ? into.array : into;
    return this.#request(operation, (received) => this.#message<Data>(received!, array));
  }

  /** What `recv` would get now; undefined when nothing is there. MPI_Iprobe. */
  iprobe(options: Pick<ReceiveOptions, "source" | "tag"> = {}): Status | undefined {
    const found = this.messenger.probe(this.#selector(options));
    return found && { ...found, source: this.#ranks.get(found.source)! };
  }

  /** Waits until `recv` would get something. MPI_Probe. */
  async probe(options: Omit<ReceiveOptions, "into"> = {}): Promise<Status> {
    const selector = this.#selector(options);
    const isThere = () => this.messenger.probe(selector) !== undefined;
    const what = () => `probe of ${options.source ?? "any rank"}`;
    await this.messenger.wait(isThere, options.timeoutMs ?? noLimit, what);
    return this.iprobe(options)!;
  }

  /** As `send`; blocks the thread. */
  sendSync(data: unknown, dest: number, options: SendOptions = {}): void {
    this.isend(data, dest, options).waitSync(options);
  }

  /** As `recv`; blocks the thread. */
  recvSync<Data = unknown>(options: ReceiveOptions = {}): Message<Data> {
    return this.irecv<Data>(options).waitSync(options);
  }

  /** As `sendrecv`; blocks the thread. */
  sendrecvSync<Data = unknown>(
    data: unknown,
    dest: number,
    options: ReceiveOptions & { sendTag?: number } = {},
  ): Message<Data> {
    const receive = this.irecv<Data>(options);
    const sending = this.isend(data, dest, { tag: options.sendTag ?? 0 });
    const message = receive.waitSync(options);
    sending.waitSync(options);
    return message;
  }

  #startSend(data: unknown, dest: number, { tag = 0 }: SendOptions, synchronous: boolean): Request<void> {
    this.checkUsable();
    if (dest === PROC_NULL) return this.#nothing(undefined);
    this.checkRank("dest", dest);
    this.checkTag(tag);
    const operation = this.messenger.send(this.members[dest], this.context, tag, payloadOf(data), synchronous);
    return this.#request(operation, () => undefined);
  }

  /** Strided places are filled from a buffer of their own. */
  #startReceive(wanted: Selector, into: ArrayBufferView | Section | undefined): Operation {
    if (into === undefined) return this.messenger.receive(wanted, undefined);
    if (!(into instanceof Section)) return this.messenger.receive(wanted, bytesOf(into));
    if (into.isOnePiece) return this.messenger.receive(wanted, into.pack());
    return this.messenger.receive(wanted, new Uint8Array(into.byteLength), (bytes) => into.unpack(bytes));
  }

  #request<Result>(operation: Operation, give: (received: Received | undefined) => Result): Request<Result> {
    return new Request(this.messenger, {
      what: operation.what,
      get isOver() {
        return operation.outcome !== undefined;
      },
      result() {
        const outcome = operation.outcome!;
        if ("error" in outcome) throw outcome.error;
        return give(outcome.received);
      },
    });
  }

  #nothing<Result>(result: Result): Request<Result> {
    return this.#request({ outcome: {}, what: "nothing" }, () => result);
  }

  #message<Data>({ data, source, tag, bytes }: Received, into: ArrayBufferView | undefined): Message<Data> {
    const filled = into !== undefined && ArrayBuffer.isView(data);
    return { data: (filled ? into : data) as Data, source: this.#ranks.get(source)!, tag, bytes };
  }

  #selector({ source = ANY_SOURCE, tag = ANY_TAG }: Pick<ReceiveOptions, "source" | "tag">): Selector {
    this.checkUsable();
    if (source !== ANY_SOURCE && source !== PROC_NULL) this.checkRank("source", source);
    if (tag !== ANY_TAG && (!Number.isInteger(tag) || tag < 0))
      throw expected("tag", "a whole number of 0 or more, or ANY_TAG", tag);
    return { context: this.context, source: source < 0 ? source : this.members[source], tag };
  }

  /** Nothing may be sent or received any more. */
  protected close(): void {
    this.#closed = true;
  }

  protected checkUsable(): void {
    if (this.#closed) throw new UsageError("this communicator was freed; nothing can be sent or received with it.");
  }

  protected checkTag(tag: number): void {
    if (!Number.isInteger(tag) || tag < 0 || tag > TAG_UPPER_BOUND)
      throw expected("tag", "a whole number from 0 to 2^31 − 1", tag);
  }

  protected checkRank(option: string, rank: number): void {
    if (!Number.isInteger(rank) || rank < 0 || rank >= this.size)
      throw expected(option, `a rank from 0 to ${this.size - 1}`, rank);
  }
}
