/**
 * Messages from rank to rank, in MPI's words (MPI 4.1 chapter 3; mpi4py's manners). Calls give promises; a kernel that is
 * synchronous uses the forms whose names end in `Sync`, which block its thread.
 */
import { CommunicationTimeoutError } from "../errors.ts";
import { copyOf } from "./buffers.ts";
import { Endpoint } from "./endpoint.ts";
import type { MatchedMessage } from "./matched-message.ts";
import { ANY_SOURCE, ANY_TAG } from "./matching.ts";
import type { ProbeOptions, ReceiveOptions, SendOptions, SendrecvOptions } from "./message-options.ts";
import { PersistentRequest } from "./persistent-request.ts";
import type { Request, WaitOptions } from "./request.ts";
import { Section } from "./section.ts";
import type { Message, Status } from "./status.ts";
import type { Target } from "./targets.ts";
import type { Wait } from "./wait-for.ts";
import { type Awaitable, promised } from "./waiting.ts";

/** The point-to-point half of a communicator. */
export class PointToPoint extends Endpoint {
  /**
   * Sends any value that structured clone can carry; a typed array or a section of one goes as its bytes, through no encoder.
   * Resolves when the data may be changed again: small messages at once, large ones when they have been received. After a time-out
   * the send is still under way. MPI_Send.
   *
   * @throws UsageError for a rank or tag that is none; CommunicationTimeoutError
   */
  send(data: unknown, dest: number, options: SendOptions = {}): Promise<void> {
    return promised(() => this.isend(data, dest, options).wait(options));
  }

  /** As `send`, but resolves only when the receive has begun. MPI_Ssend. */
  ssend(data: unknown, dest: number, options: SendOptions = {}): Promise<void> {
    return promised(() => this.issend(data, dest, options).wait(options));
  }

  /**
   * Receives a message. MPI_Recv. When its time is up, it is taken back, and a later one can receive what comes then; a message that has
   * begun to come is waited for.
   *
   * @throws UsageError when it does not fit `into`; CommunicationTimeoutError
   */
  recv<Data = unknown>(options: ReceiveOptions = {}): Promise<Message<Data>> {
    return promised(() => {
      const receive = this.irecv<Data>(options);
      return options.timeoutMs === undefined ? receive.wait() : settled(receive, options);
    });
  }

  /** Sends to one rank and receives from another (or the same), without a deadlock whatever the order. MPI_Sendrecv. */
  async sendrecv<Data = unknown>(data: unknown, dest: number, options: SendrecvOptions = {}): Promise<Message<Data>> {
    const receive = this.irecv<Data>(options);
    const sending = this.isend(data, dest, { tag: options.sendTag ?? 0 });
    const message = await settled(receive, options);
    await sending.wait(options);
    return message;
  }

  /** As `sendrecv`, and what comes replaces what was sent. MPI_Sendrecv_replace. */
  sendrecvReplace<Data extends Target>(
    data: Data,
    dest: number,
    options: Omit<SendrecvOptions, "into"> = {},
  ): Promise<Message> {
    return this.sendrecv(copied(data), dest, { ...options, into: data });
  }

  /** Starts to send. The data must not change until the request is done. MPI_Isend. */
  isend(data: unknown, dest: number, options: SendOptions = {}): Request<void> {
    return this.startSend(data, dest, options, false);
  }

  /** Starts to send; done when the receive has begun. MPI_Issend. */
  issend(data: unknown, dest: number, options: SendOptions = {}): Request<void> {
    return this.startSend(data, dest, options, true);
  }

  /** Starts to receive. MPI_Irecv. */
  irecv<Data = unknown>(options: ReceiveOptions = {}): Request<Message<Data>> {
    return this.startReceive(options);
  }

  /** What `recv` would get now; undefined when nothing is there. MPI_Iprobe. */
  iprobe(options: ProbeOptions = {}): Status | undefined {
    return this.look(options);
  }

  /** Waits until `recv` would get something. MPI_Probe. */
  async probe(options: ProbeOptions = {}): Promise<Status> {
    const search = this.#search("probe", options, () => this.look(options));
    return await this.messenger.wait(search, search.timeoutMs, () => search.found!);
  }

  /** As `probe`; blocks the thread. */
  probeSync(options: ProbeOptions = {}): Status {
    const search = this.#search("probe", options, () => this.look(options));
    this.messenger.waitSync(search, search.timeoutMs);
    return search.found!;
  }

  /** Takes the message that `recv` would get out of the queue, so that nobody else can receive it. MPI_Improbe. */
  improbe(options: ProbeOptions = {}): MatchedMessage | undefined {
    return this.takeOut(options);
  }

  /** Waits for such a message. MPI_Mprobe. */
  async mprobe(options: ProbeOptions = {}): Promise<MatchedMessage> {
    const search = this.#search("mprobe", options, () => this.takeOut(options));
    return await this.messenger.wait(search, search.timeoutMs, () => search.found!);
  }

  /** As `mprobe`; blocks the thread. */
  mprobeSync(options: ProbeOptions = {}): MatchedMessage {
    const search = this.#search("mprobe", options, () => this.takeOut(options));
    this.messenger.waitSync(search, search.timeoutMs);
    return search.found!;
  }

  /** Messages as they come, without end: `for await (const { data, source } of comm.messages({ tag: 1 }))`. */
  async *messages<Data = unknown>(options: ReceiveOptions = {}): AsyncGenerator<Message<Data>, void, void> {
    for (;;) yield await this.recv<Data>(options);
  }

  /** A send to be started again and again. MPI_Send_init. */
  sendInit(data: unknown, dest: number, options: SendOptions = {}): PersistentRequest<void> {
    this.checkSend(dest, options.tag);
    return this.persistent(() => this.isend(data, dest, options), `send to rank ${dest}`);
  }

  /** The same; done when the receive has begun. MPI_Ssend_init. */
  ssendInit(data: unknown, dest: number, options: SendOptions = {}): PersistentRequest<void> {
    this.checkSend(dest, options.tag);
    return this.persistent(() => this.issend(data, dest, options), `ssend to rank ${dest}`);
  }

  /** A receive to be started again and again. MPI_Recv_init. */
  recvInit<Data = unknown>(options: ReceiveOptions = {}): PersistentRequest<Message<Data>> {
    this.checkWanted(options);
    return this.persistent(() => this.irecv<Data>(options), `recv ${wantedText(options)}`);
  }

  /**
   * Any communication to be started again and again: `persistent(() => comm.iallreduce(sums, { into: sums }))` is MPI_Allreduce_init.
   * @param what for errors
   */
  persistent<Result>(start: () => Request<Result>, what = "a persistent request"): PersistentRequest<Result> {
    return new PersistentRequest(this.messenger, what, start);
  }

  /** As `send`; blocks the thread. */
  sendSync(data: unknown, dest: number, options: SendOptions = {}): void {
    this.isend(data, dest, options).waitSync(options);
  }

  /** As `ssend`; blocks the thread. */
  ssendSync(data: unknown, dest: number, options: SendOptions = {}): void {
    this.issend(data, dest, options).waitSync(options);
  }

  /** As `recv`; blocks the thread. */
  recvSync<Data = unknown>(options: ReceiveOptions = {}): Message<Data> {
    return settledSync(this.irecv<Data>(options), options);
  }

  /** As `sendrecv`; blocks the thread. */
  sendrecvSync<Data = unknown>(data: unknown, dest: number, options: SendrecvOptions = {}): Message<Data> {
    const receive = this.irecv<Data>(options);
    const sending = this.isend(data, dest, { tag: options.sendTag ?? 0 });
    const message = settledSync(receive, options);
    sending.waitSync(options);
    return message;
  }

  /** As `sendrecvReplace`; blocks the thread. */
  sendrecvReplaceSync<Data extends Target>(
    data: Data,
    dest: number,
    options: Omit<SendrecvOptions, "into"> = {},
  ): Message {
    return this.sendrecvSync(copied(data), dest, { ...options, into: data });
  }

  #search<Found>(call: string, options: ProbeOptions, look: () => Found | undefined): Search<Found> {
    return new Search(call, options, look, () => [this.waitFor(options)]);
  }
}

/** Looks for a message until it is there. */
class Search<Found> implements Awaitable {
  found: Found | undefined;
  readonly timeoutMs: number;
  readonly waits: () => readonly Wait[];
  readonly #call: string;
  readonly #options: ProbeOptions;
  readonly #look: () => Found | undefined;

  constructor(call: string, options: ProbeOptions, look: () => Found | undefined, waits: () => readonly Wait[]) {
    this.timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY;
    this.waits = waits;
    this.#call = call;
    this.#options = options;
    this.#look = look;
  }

  get what(): string {
    return `${this.#call} ${wantedText(this.#options)}`;
  }

  get isOver(): boolean {
    this.found ??= this.#look();
    return this.found !== undefined;
  }
}

function wantedText({ source = ANY_SOURCE, tag = ANY_TAG }: ProbeOptions): string {
  return `from ${source === ANY_SOURCE ? "any rank" : `rank ${source}`}, ${tag === ANY_TAG ? "any tag" : `tag ${tag}`}`;
}

function copied(data: Target): ArrayBufferView {
  return copyOf(data instanceof Section ? data.toArray() : data);
}

/** True when an error ends a receive; false when only its time was up, and its message has begun to come. */
function isLost(receive: Request<unknown>, error: unknown): boolean {
  return !(error instanceof CommunicationTimeoutError) || receive.cancel();
}

/** The message of a receive, which is taken back when its time is up. */
async function settled<Data>(receive: Request<Message<Data>>, options: WaitOptions): Promise<Message<Data>> {
  try {
    return await receive.wait(options);
  } catch (error) {
    if (isLost(receive, error)) throw error;
    return receive.wait();
  }
}

function settledSync<Data>(receive: Request<Message<Data>>, options: WaitOptions): Message<Data> {
  try {
    return receive.waitSync(options);
  } catch (error) {
    if (isLost(receive, error)) throw error;
    return receive.waitSync();
  }
}
