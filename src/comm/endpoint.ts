/**
 * The machinery under point-to-point calls: checks arguments, starts sends, receives and probes, and turns what the messenger says into
 * what callers see, in the communicator's own numbering of ranks.
 */
import { expected, UsageError } from "../errors.ts";
import { bytesOf } from "../wire/typed-arrays.ts";
import { payloadOf, valueType } from "./device/payload.ts";
import { MatchedMessage } from "./matched-message.ts";
import { ANY_SOURCE, ANY_TAG, PROC_NULL, type Selector, TAG_UPPER_BOUND } from "./matching.ts";
import type { ProbeOptions, ReceiveOptions, SendOptions } from "./message-options.ts";
import type { Messenger } from "./messenger.ts";
import type { Operation, Received } from "./operation.ts";
import { Request } from "./request.ts";
import { Section } from "./section.ts";
import { fromNobody, type Message, type Status, statusOf } from "./status.ts";
import type { Target } from "./targets.ts";
import { messageWait, Underway } from "./underway.ts";
import type { Wait } from "./wait-for.ts";

/** Where messages of one communicator leave and reach this rank. */
export class Endpoint {
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

  protected startSend(data: unknown, dest: number, { tag = 0 }: SendOptions, synchronous: boolean): Request<void> {
    this.checkSend(dest, tag);
    if (dest === PROC_NULL) return this.#nothing(undefined);
    const operation = this.messenger.send(this.members[dest], this.context, tag, payloadOf(data), synchronous);
    return this.#request(operation, nothing);
  }

  protected startReceive<Data>(options: ReceiveOptions): Request<Message<Data>> {
    const wanted = this.#selector(options);
    if (options.source === PROC_NULL) return this.#nothing({ data: undefined, ...fromNobody } as Message<Data>);
    return this.#receiving(options.into, (bytes, landed) => this.messenger.receive(wanted, bytes, landed));
  }

  /** What a receive would get now. */
  protected look(options: ProbeOptions): Status | undefined {
    if (options.source === PROC_NULL) return fromNobody;
    const found = this.messenger.probe(this.#selector(options));
    return found && statusOf(found, this.#ranks.get(found.source)!);
  }

  /** The same, taken out of the queue. */
  protected takeOut(options: ProbeOptions): MatchedMessage | undefined {
    if (options.source === PROC_NULL) return new MatchedMessage(fromNobody, () => this.startReceive(options));
    const taken = this.messenger.take(this.#selector(options));
    if (!taken) return undefined;
    return new MatchedMessage(statusOf(taken.envelope, this.#ranks.get(taken.source)!), (into) =>
      this.#receiving(into, (bytes, landed) => this.messenger.receiveTaken(taken, bytes, landed)),
    );
  }

  /** What a receive or a probe waits for. */
  protected waitFor(options: ProbeOptions): Wait {
    return messageWait(this.#selector(options));
  }

  /** Strided places are filled from a buffer of their own. */
  #receiving<Data>(
    into: Target | undefined,
    begin: (bytes: Uint8Array | undefined, landed?: (bytes: Uint8Array) => void) => Operation,
  ): Request<Message<Data>> {
    if (into === undefined) return this.#request(begin(undefined), (received) => this.#message<Data>(received, into));
    if (into instanceof Section) {
      const operation = into.isOnePiece
        ? begin(into.pack())
        : begin(new Uint8Array(into.byteLength), (bytes) => into.unpack(bytes));
      return this.#request(operation, (received) => this.#message<Data>(received, into.array));
    }
    if (!ArrayBuffer.isView(into)) throw expected("into", "a typed array or a section of one", into);
    return this.#request(begin(bytesOf(into)), (received) => this.#message<Data>(received, into));
  }

  #request<Result>(operation: Operation, give: (received: Received | undefined) => Result): Request<Result> {
    return new Request(this.messenger, new Underway(operation, give));
  }

  #nothing<Result>(result: Result): Request<Result> {
    const wait: Wait = { for: "message", peers: [], tag: null, context: this.context, name: "" };
    return this.#request({ outcome: {}, what: "nothing", wait }, () => result);
  }

  /** What was taken back has received nothing, from nobody. */
  #message<Data>(received: Received | undefined, into: ArrayBufferView | undefined): Message<Data> {
    if (!received) return { data: undefined as Data, ...fromNobody };
    const filled = into !== undefined && received.type !== valueType;
    const { source, count, tag, bytes } = statusOf(received, this.#ranks.get(received.source)!);
    return { data: (filled ? into : received.data) as Data, source, tag, bytes, count };
  }

  protected checkSend(dest: number, tag = 0): void {
    this.checkUsable();
    if (dest !== PROC_NULL) this.checkRank("dest", dest);
    this.checkTag(tag);
  }

  #selector({ source = ANY_SOURCE, tag = ANY_TAG }: ProbeOptions): Selector {
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

  protected checkWanted(options: ProbeOptions): void {
    this.#selector(options);
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

function nothing(): undefined {}
