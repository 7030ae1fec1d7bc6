/**
 * Any structured-clonable value as a small packed head and its arrays as raw frames, untouched. Functions travel as
 * references, values marked by `share` as block numbers. Knows nothing of messages or sockets.
 *
 * The head is msgpack of plain JSON-like data; what msgpack has no exact form for (−0, BigInt, Map, cycles, …) is an
 * object with the one key TAG. An object of the user's that has that key is itself wrapped, so nothing is mistaken.
 */
import { Packr, Unpackr } from "msgpackr";
import { UsageError } from "../errors.ts";
import { type ErrorRecord, errorFromRecord, errorToRecord } from "./error-codec.ts";
import { bytesOf, isViewName, viewNameOf, viewOver } from "./typed-arrays.ts";

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

const TAG = "\u0000mpits";
const packr = new Packr({ useRecords: false, variableMapSize: true, mapsAsObjects: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

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
  const tree = encoder.encode(value, "value");
  const head: Head = { tree, functions: encoder.functions };
  // The packer reuses its buffer for the next call, so the head is copied out.
  return { head: new Uint8Array(packr.pack(head)), raws: encoder.raws };
}

/** A head unpacked but not decoded: its function references can be looked at first. */
export function openValue(head: Uint8Array): Head {
  const opened: unknown = unpackr.unpack(head);
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

class Encoder {
  readonly raws: Uint8Array[] = [];
  readonly functions: unknown[] = [];
  readonly #scope: EncodeScope;
  readonly #seen = new Map<object, number>();

  constructor(scope: EncodeScope) {
    this.#scope = scope;
  }

  encode(value: unknown, path: string): unknown {
    switch (typeof value) {
      case "number":
        return Object.is(value, -0) ? tagged("-0") : value;
      case "bigint":
        return tagged("n", value < 0n ? `-${(-value).toString(16)}` : value.toString(16));
      case "symbol":
        throw new UsageError(`${path} is a symbol; symbols can't travel to another thread or host.`);
      case "function":
        return (
          this.#encodeMarked(value) ??
          tagged("fn", this.functions.push(this.#scope.describeFunction(value as never)) - 1)
        );
      case "object":
        return value === null ? null : this.#encodeObject(value, path);
      default:
        return value;
    }
  }

  #encodeMarked(value: object): unknown {
    const block = this.#scope.blockOf(value);
    return block === undefined ? undefined : tagged("block", block);
  }

  #encodeObject(value: object, path: string): unknown {
    const marked = this.#encodeMarked(value);
    if (marked !== undefined) return marked;
    const earlier = this.#seen.get(value);
    if (earlier !== undefined) return tagged("ref", earlier);
    this.#seen.set(value, this.#seen.size);
    if (Array.isArray(value)) return this.#encodeArray(value, path);
    if (ArrayBuffer.isView(value)) return this.#encodeView(value, path);
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    switch (kind) {
      case "ArrayBuffer":
      case "SharedArrayBuffer":
        return tagged("buffer", this.raws.push(new Uint8Array(value as ArrayBuffer)) - 1);
      case "Map":
        return tagged(
          "Map",
          [...(value as Map<unknown, unknown>)].flat().map((item, i) => this.encode(item, `${path}.<entry ${i >> 1}>`)),
        );
      case "Set":
        return tagged(
          "Set",
          [...(value as Set<unknown>)].map((item, i) => this.encode(item, `${path}.<item ${i}>`)),
        );
      case "Date":
        return tagged("Date", (value as Date).getTime());
      case "RegExp":
        return tagged("RegExp", [(value as RegExp).source, (value as RegExp).flags]);
      case "Error":
        return tagged("Error", errorToRecord(value));
      case "Promise":
      case "WeakMap":
      case "WeakSet":
      case "WeakRef":
        throw new UsageError(`${path} is a ${kind}; it can't travel to another thread or host.`);
      default:
        return this.#encodeProperties(value, path);
    }
  }

  #encodeArray(value: readonly unknown[], path: string): unknown[] {
    const out = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      out[i] = typeof item === "number" && item !== 0 ? item : this.encode(item, `${path}[${i}]`);
    }
    return out;
  }

  #encodeView(value: ArrayBufferView, path: string): unknown {
    const name = viewNameOf(value);
    if (!name)
      throw new UsageError(`${path} is an array type that can't travel: ${Object.prototype.toString.call(value)}.`);
    return tagged(name, this.raws.push(bytesOf(value)) - 1);
  }

  #encodeProperties(value: object, path: string): unknown {
    const out: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) define(out, key, this.encode(item, `${path}.${key}`));
    return Object.hasOwn(out, TAG) ? tagged("object", Object.entries(out)) : out;
  }
}

class Decoder {
  readonly #raws: readonly Uint8Array[];
  readonly #scope: DecodeScope | undefined;
  readonly #seen: unknown[] = [];

  constructor(raws: readonly Uint8Array[], scope: DecodeScope | undefined) {
    this.#raws = raws;
    this.#scope = scope;
  }

  decode(tree: unknown): unknown {
    if (typeof tree !== "object" || tree === null) return tree;
    if (Array.isArray(tree)) return this.#decodeInto(this.#remember(new Array<unknown>(tree.length)), tree);
    const tag = (tree as Record<string, unknown>)[TAG];
    if (tag === undefined) return this.#decodeEntries(Object.entries(tree));
    if (!Array.isArray(tag)) throw new TypeError("a tag without its list");
    return this.#decodeTagged(tag[0], tag[1]);
  }

  #decodeInto(out: unknown[], items: readonly unknown[]): unknown[] {
    for (let i = 0; i < items.length; i++) out[i] = this.decode(items[i]);
    return out;
  }

  #decodeEntries(entries: readonly (readonly [string, unknown])[]): object {
    const out = this.#remember<Record<string, unknown>>({});
    for (const [key, item] of entries) define(out, key, this.decode(item));
    return out;
  }

  #decodeTagged(kind: unknown, data: unknown): unknown {
    switch (kind) {
      case "-0":
        return -0;
      case "n":
        return bigintFromHex(text(data));
      case "fn":
        return this.#needScope().functionAt(whole(data));
      case "block":
        return this.#needScope().block(whole(data));
      case "ref":
        return this.#seen[whole(data)];
      case "buffer":
        return this.#remember(bufferOf(this.#raw(data)));
      case "Map": {
        const map = this.#remember(new Map<unknown, unknown>());
        const flat = list(data);
        for (let i = 0; i + 1 < flat.length; i += 2) map.set(this.decode(flat[i]), this.decode(flat[i + 1]));
        return map;
      }
      case "Set": {
        const set = this.#remember(new Set<unknown>());
        for (const item of list(data)) set.add(this.decode(item));
        return set;
      }
      case "Date":
        return this.#remember(new Date(data as number));
      case "RegExp":
        return this.#remember(new RegExp(text(list(data)[0]), text(list(data)[1])));
      case "Error":
        return this.#remember(errorFromRecord(data as ErrorRecord));
      case "object":
        return this.#decodeEntries(list(data) as [string, unknown][]);
      default:
        if (isViewName(kind)) return this.#remember(viewOver(kind, this.#raw(data)));
        throw new TypeError("an unknown tag");
    }
  }

  #remember<T>(value: T): T {
    this.#seen.push(value);
    return value;
  }

  #raw(index: unknown): Uint8Array {
    const raw = this.#raws[whole(index)];
    if (!raw) throw new TypeError("a raw frame is missing");
    return raw;
  }

  #needScope(): DecodeScope {
    if (!this.#scope) throw new TypeError("functions and shared values are not allowed here");
    return this.#scope;
  }
}

function tagged(kind: string, data?: unknown): object {
  return { [TAG]: data === undefined ? [kind] : [kind, data] };
}

/** Sets a property also when its name is `__proto__`. */
function define(target: object, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[key] = value;
}

function bufferOf(bytes: Uint8Array): ArrayBufferLike {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? bytes.buffer : bytes.slice().buffer;
}

function bigintFromHex(hex: string): bigint {
  return hex.startsWith("-") ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError("an index that is no whole number");
  return value as number;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("a text that is none");
  return value;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError("a list that is none");
  return value;
}
