/**
 * Any structured-clonable value as a small packed head and its arrays as raw frames, untouched. Functions travel as
 * references, values marked by `share` as block numbers. Knows nothing of messages or sockets.
 *
 * The head is msgpack of plain JSON-like data; what msgpack has no exact form for (−0, BigInt, Map, cycles, …) is an
 * object with the one key TAG. An object of the user's that has that key is itself wrapped, so nothing is mistaken.
 */
import { Packr, Unpackr } from "msgpackr/pack";
import { UsageError } from "../errors.ts";
import { later } from "../load-later.ts";
import { Decoder } from "./value-decoder.ts";
import { Encoder } from "./value-encoder.ts";

/** A value ready to travel: a packed head and the raw bytes of its arrays. */
export interface EncodedValue {
  readonly head: Uint8Array;
  readonly raws: readonly Uint8Array[];
}

/** What the encoder asks for: how functions and shared values travel. */
export interface EncodeScope {
  /** A plain record for a function; throws `UsageError` for one that can't travel. */
  describeFunction(fn: (...args: never[]) => unknown): unknown;
  /** The block number of a value marked by `share`, or undefined to encode it in place. */
  blockOf(value: object): number | undefined;
}

/** What the decoder asks for. */
export interface DecodeScope {
  functionAt(index: number): unknown;
  block(id: number): unknown;
}

/** The head as it is packed: the tree, and lists that the receiver may prepare before it decodes. */
interface Head {
  readonly tree: unknown;
  readonly functions: readonly unknown[];
}

const packr = new Packr({ useRecords: false, variableMapSize: true, mapsAsObjects: true });
const unpacking = { useRecords: false, mapsAsObjects: true };
const unpackr = new Unpackr(unpacking);
/** With its native part it reads a long list of texts six times as fast, but takes 10 ms to load. */
const nativeUnpackr = later<Unpackr>((require) => new (require("msgpackr").Unpackr)(unpacking));
const longHeadBytes = 1 << 16;

const noScope: EncodeScope = {
  describeFunction(fn) {
    throw new UsageError(`the function ${fn.name || "(anonymous)"} can't travel in this value.`);
  },
  blockOf: () => undefined,
};

/**
 * @throws UsageError for what can't travel (symbols, promises, functions that close over variables), naming its place.
 */
export function encodeValue(value: unknown, scope: EncodeScope = noScope): EncodedValue {
  const encoder = new Encoder(scope);
  return packed(encoder.encode(value, "value"), encoder);
}

/**
 * A list whose items are encoded one by one, each as it is at that moment: who adds one may go on using its arrays, and
 * add the same object again with other content. Decoded as any other list.
 */
export class ListEncoder {
  readonly #isGiven: (buffer: object) => boolean;
  readonly #encoder = new Encoder(noScope);
  readonly #items = this.#encoder.encode([], "value") as unknown[];
  #copied = 0;

  /** @param isGiven true for a buffer that nobody goes on using: it is taken as it is */
  constructor(isGiven: (buffer: object) => boolean = () => false) {
    this.#isGiven = isGiven;
  }

  get length(): number {
    return this.#items.length;
  }

  /** @throws UsageError for what can't travel */
  add(item: unknown): void {
    const { raws } = this.#encoder;
    this.#items.push(this.#encoder.encodeAfresh(item, "value"));
    for (; this.#copied < raws.length; this.#copied++) {
      const raw = raws[this.#copied]!;
      if (!this.#isGiven(raw.buffer)) raws[this.#copied] = new Uint8Array(raw);
    }
  }

  finish(): EncodedValue {
    return packed(this.#items, this.#encoder);
  }
}

function packed(tree: unknown, { functions, raws }: Encoder): EncodedValue {
  const head: Head = { tree, functions };
  // The packer's buffer holds the heads of other calls too, so the head is copied out: it may be handed over to a thread.
  return { head: new Uint8Array(packr.pack(head)), raws };
}

/** A head unpacked but not decoded: its function references can be looked at first. */
export function openValue(head: Uint8Array): Head {
  const opened: unknown = (head.byteLength < longHeadBytes ? unpackr : nativeUnpackr()).unpack(head);
  if (
    typeof opened !== "object" ||
    opened === null ||
    !("tree" in opened) ||
    !Array.isArray((opened as Head).functions)
  )
    throw new TypeError("not the head of a value");
  return opened as Head;
}

/** The value again. Arrays are views over `raws`, not copies. */
export function decodeValue(opened: Head, raws: readonly Uint8Array[], scope?: DecodeScope): unknown {
  return new Decoder(raws, scope).decode(opened.tree);
}
