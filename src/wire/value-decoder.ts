/** The value that a tree and its raw frames stand for. Trusts nothing: what is malformed throws. */
import { errorFromRecord, isErrorRecord } from "./error-codec.ts";
import { define, TAG } from "./tags.ts";
import { isViewName, viewOver } from "./typed-arrays.ts";
import type { DecodeScope } from "./value-codec.ts";

/** Stands for an element that an array does not have. */
const hole = Symbol("hole");

export class Decoder {
  readonly #raws: readonly Uint8Array[];
  readonly #scope: DecodeScope | undefined;
  readonly #seen: unknown[] = [];
  #rawsUsed = 0;

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
    for (let i = 0; i < items.length; i++) {
      const item = this.decode(items[i]);
      if (item !== hole) out[i] = item;
    }
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
      case "hole":
        return hole;
      case "text":
        return text(JSON.parse(text(data)));
      case "fn":
        return this.#needScope().functionAt(whole(data));
      case "block":
        return this.#needScope().block(whole(data));
      case "ref":
        return this.#earlier(whole(data));
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
        return this.#decodeError(list(data));
      case "boxed":
        return this.#decodeBoxed(data);
      case "object":
        return this.#decodeEntries(list(data).map((entry) => [text(JSON.parse(text(list(entry)[0]))), list(entry)[1]]));
      default:
        if (isViewName(kind)) return this.#remember(viewOver(kind, this.#raw(data)));
        throw new TypeError("an unknown tag");
    }
  }

  #decodeError([record, ...cause]: readonly unknown[]): Error {
    if (!isErrorRecord(record)) throw new TypeError("an error that is none");
    const error = this.#remember(errorFromRecord(record));
    if (cause.length > 0)
      Object.defineProperty(error, "cause", { value: this.decode(cause[0]), configurable: true, writable: true });
    return error;
  }

  /** It was numbered before what is in it, and what is in it is no object. */
  #decodeBoxed(data: unknown): unknown {
    return this.#remember(Object(this.decode(data)));
  }

  #earlier(index: number): unknown {
    if (index < 0 || index >= this.#seen.length) throw new TypeError("a reference to nothing");
    return this.#seen[index];
  }

  #remember<T>(value: T): T {
    this.#seen.push(value);
    return value;
  }

  /** Each frame is used once, in its order: a head that names one a thousand times would have it copied a thousand times. */
  #raw(index: unknown): Uint8Array {
    const raw = this.#raws[this.#rawsUsed];
    if (!raw || index !== this.#rawsUsed++) throw new TypeError("a raw frame is missing");
    return raw;
  }

  #needScope(): DecodeScope {
    if (!this.#scope) throw new TypeError("functions and shared values are not allowed here");
    return this.#scope;
  }
}

function bufferOf(bytes: Uint8Array): ArrayBufferLike {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? bytes.buffer : new Uint8Array(bytes).buffer; // not slice(): a Buffer's gives a view
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
