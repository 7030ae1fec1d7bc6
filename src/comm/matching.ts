/**
 * The receive side of point-to-point communication: which message goes to which receive. Posted receives and unexpected
 * messages (those that came before their receive), with wildcards. A pure data structure: it moves no bytes and
 * wakes nobody; the device calls it and acts on what it returns. Every call takes constant time.
 *
 * The rules are those of MPI 4.1 section 3.5: a message goes to the receive that was posted first among those that match it, a
 * receive gets the message that came first among those that it matches. Messages of one source in one context
 * must be handed to `arrive` in the order in which they were sent; then they never overtake one another.
 */
import { UsageError } from "../errors.ts";
import { type Cell, Queue } from "./queue.ts";

/** As a source: a message of any rank. MPI_ANY_SOURCE, MPI 4.1 section 3.2.4. */
export const ANY_SOURCE = -1;
/** As a tag: a message of any tag. MPI_ANY_TAG, MPI 4.1 section 3.2.4. */
export const ANY_TAG = -1;
/** As a source or destination: nobody. Such a call does nothing. MPI_PROC_NULL, MPI 4.1 section 3.10. */
export const PROC_NULL = -2;
/** The greatest tag that can be used. MPI_TAG_UB, MPI 4.1 section 9.1.2. */
export const TAG_UPPER_BOUND = 0x7fffffff;

/** Which messages are wanted. */
export interface Selector {
  /** The context (communicator) number; never a wildcard. */
  readonly context: number;
  /** A rank, or `ANY_SOURCE`. */
  readonly source: number;
  /** 0 to `TAG_UPPER_BOUND`, or `ANY_TAG`. */
  readonly tag: number;
}

/** What is known of a message that has arrived, or that announces itself. Neither source nor tag is a wildcard. */
export interface Envelope extends Selector {
  readonly byteLength: number;
}

/** A receive that waits. */
export interface PostedReceive extends Selector {
  /** Bytes that the buffer holds; undefined when any length will do. */
  readonly capacity?: number | undefined;
}

/** True when the message doesn't fit: MPI_ERR_TRUNCATE, MPI 4.1 section 3.2.4. The message counts as received nevertheless. */
export function isTruncated(message: Envelope, receive: PostedReceive): boolean {
  return receive.capacity !== undefined && message.byteLength > receive.capacity;
}

/** True when a message is among those that are wanted. */
export function matches(message: Envelope, wanted: Selector): boolean {
  return (
    message.context === wanted.context &&
    (wanted.source === ANY_SOURCE || wanted.source === message.source) &&
    (wanted.tag === ANY_TAG || wanted.tag === message.tag)
  );
}

/** The queues of one context. Receives stand under their own key, messages under each key that finds them. */
interface Box<Message, Receive> {
  readonly posted: Map<number, Queue<Receive>>;
  readonly unexpected: Map<number, Queue<Unexpected<Message>>>;
  /** How many posted receives have a wildcard: with none of them one look-up is enough. */
  wildcards: number;
}

interface Unexpected<Message> {
  readonly message: Message;
  readonly cells: Cell<Unexpected<Message>>[];
}

/** So many contexts that are no more are remembered: of older ones nothing is on its way. */
const mostForgotten = 1 << 14;

/** Posted receives and unexpected messages of one rank, in all its contexts. */
export class Matcher<Message extends Envelope, Receive extends PostedReceive> {
  readonly #boxes = new Map<number, Box<Message, Receive>>();
  readonly #posted = new Map<Receive, Cell<Receive>>();
  /** The latest last. */
  readonly #forgotten = new Set<number>();
  #unexpected = 0;
  #unexpectedBytes = 0;
  #clock = 0;

  /** How many receives wait. */
  get postedCount(): number {
    return this.#posted.size;
  }

  /** How many messages wait for a receive. */
  get unexpectedCount(): number {
    return this.#unexpected;
  }

  /** The bytes of the messages that wait for a receive. */
  get unexpectedBytes(): number {
    return this.#unexpectedBytes;
  }

  /** A message has come. Returns the receive that gets it; without one it is kept as unexpected. */
  arrive(message: Message): Receive | undefined {
    const box = this.#box(message.context);
    const first = firstPosted(box, message);
    if (first === undefined) {
      this.#keep(box, message);
      return undefined;
    }
    this.#unpost(box, first);
    return first.item;
  }

  /**
   * A receive begins. Returns the message that it gets; without one it waits until `arrive` returns it.
   * @throws UsageError when this very receive waits already.
   */
  post(receive: Receive): Message | undefined {
    if (this.#posted.has(receive))
      throw new UsageError("this receive waits already; a second one needs its own request.");
    const found = this.take(receive);
    if (found !== undefined) return found;
    const box = this.#box(receive.context);
    this.#posted.set(receive, queueAt(box.posted, keyOf(receive.source, receive.tag)).push(receive, this.#clock++));
    if (isWild(receive)) box.wildcards++;
    return undefined;
  }

  /** The message that a receive would get now; it stays. MPI_Iprobe, MPI 4.1 section 3.8.1. */
  probe(wanted: Selector): Message | undefined {
    return this.#first(wanted)?.message;
  }

  /** The same, and the message is taken out: only its taker can receive it now. MPI_Improbe, MPI 4.1 section 3.8.2. */
  take(wanted: Selector): Message | undefined {
    const found = this.#first(wanted);
    if (found === undefined) return undefined;
    const { unexpected } = this.#box(wanted.context);
    for (const cell of found.cells) removeFrom(unexpected, cell);
    this.#unexpected--;
    this.#unexpectedBytes -= found.message.byteLength;
    return found.message;
  }

  /** Takes back a receive. False when it has its message already, or never waited. MPI_Cancel, MPI 4.1 section 3.8.4. */
  cancel(receive: Receive): boolean {
    const cell = this.#posted.get(receive);
    if (cell === undefined) return false;
    this.#unpost(this.#box(receive.context), cell);
    return true;
  }

  /**
   * Drops all that belongs to a context that is no more; returns the receives that still waited there.
   * @param dropped gets the messages that nobody received
   */
  forget(context: number, dropped?: (message: Message) => void): Receive[] {
    this.#forgotten.add(context);
    if (this.#forgotten.size > mostForgotten) this.#forgotten.delete(this.#forgotten.values().next().value!);
    const box = this.#boxes.get(context);
    if (box === undefined) return [];
    for (const message of box.unexpected.get(keyOf(ANY_SOURCE, ANY_TAG)) ?? []) {
      this.#unexpected--;
      this.#unexpectedBytes -= message.item.message.byteLength;
      dropped?.(message.item.message);
    }
    const left = [...this.#posted.keys()].filter((receive) => receive.context === context);
    for (const receive of left) this.#posted.delete(receive);
    this.#boxes.delete(context);
    return left;
  }

  /** True when a context is no more. What its members sent last may come later than their word that they are done. */
  hasForgotten(context: number): boolean {
    return this.#forgotten.size > 0 && this.#forgotten.has(context);
  }

  /** The first receive that waits in this context. */
  waitingIn(context: number): Receive | undefined {
    for (const receive of this.#posted.keys()) if (receive.context === context) return receive;
    return undefined;
  }

  /** The first receives that wait, in the order of posting; at most `limit`. For explanations, not for matching. */
  waiting(limit = 16): Receive[] {
    return firstOf(this.#posted.keys(), limit);
  }

  /** The first messages that nobody has received, by context and then by arrival; at most `limit`. */
  unexpected(limit = 16): Message[] {
    const found: Message[] = [];
    for (const box of this.#boxes.values()) {
      const all = box.unexpected.get(keyOf(ANY_SOURCE, ANY_TAG));
      if (all !== undefined) found.push(...firstOf(all, limit - found.length).map((cell) => cell.item.message));
      if (found.length >= limit) break;
    }
    return found;
  }

  #first(wanted: Selector): Unexpected<Message> | undefined {
    const box = this.#boxes.get(wanted.context);
    return box?.unexpected.get(keyOf(wanted.source, wanted.tag))?.first?.item;
  }

  #keep(box: Box<Message, Receive>, message: Message): void {
    const entry: Unexpected<Message> = { message, cells: [] };
    const order = this.#clock++;
    for (const key of keysFinding(message)) entry.cells.push(queueAt(box.unexpected, key).push(entry, order));
    this.#unexpected++;
    this.#unexpectedBytes += message.byteLength;
  }

  #unpost(box: Box<Message, Receive>, cell: Cell<Receive>): void {
    removeFrom(box.posted, cell);
    this.#posted.delete(cell.item);
    if (isWild(cell.item)) box.wildcards--;
  }

  #box(context: number): Box<Message, Receive> {
    let box = this.#boxes.get(context);
    if (box === undefined) {
      box = { posted: new Map(), unexpected: new Map(), wildcards: 0 };
      this.#boxes.set(context, box);
    }
    return box;
  }
}

/** The receive that was posted first among those that match. */
function firstPosted<Message, Receive>(box: Box<Message, Receive>, message: Envelope): Cell<Receive> | undefined {
  let first = box.posted.get(keyOf(message.source, message.tag))?.first;
  if (box.wildcards === 0) return first;
  for (const key of keysFinding(message)) {
    const candidate = box.posted.get(key)?.first;
    if (candidate !== undefined && (first === undefined || candidate.order < first.order)) first = candidate;
  }
  return first;
}

/** One number for a source and a tag, wildcards included: exact in a double for sources below 2^20. */
function keyOf(source: number, tag: number): number {
  return (source + 1) * 0x100000000 + (tag + 1);
}

/** The keys of all selectors that find a message: exact, any tag, any source, any of both. */
function keysFinding({ source, tag }: Envelope): number[] {
  return [keyOf(source, tag), keyOf(source, ANY_TAG), keyOf(ANY_SOURCE, tag), keyOf(ANY_SOURCE, ANY_TAG)];
}

function isWild({ source, tag }: Selector): boolean {
  return source === ANY_SOURCE || tag === ANY_TAG;
}

function queueAt<Item>(queues: Map<number, Queue<Item>>, key: number): Queue<Item> {
  let queue = queues.get(key);
  if (queue === undefined) {
    queue = new Queue(key);
    queues.set(key, queue);
  }
  return queue;
}

/** Empty queues go at once: tags may be used once each, and memory must stay flat. */
function removeFrom<Item>(queues: Map<number, Queue<Item>>, cell: Cell<Item>): void {
  const { queue } = cell;
  queue.remove(cell);
  if (queue.first === undefined) queues.delete(queue.key);
}

function firstOf<Item>(items: Iterable<Item>, limit: number): Item[] {
  const found: Item[] = [];
  if (limit > 0)
    for (const item of items) {
      found.push(item);
      if (found.length >= limit) break;
    }
  return found;
}
