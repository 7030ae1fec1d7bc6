/** A value as a tree of plain data, with its arrays put aside as raw frames. The other half is value-decoder.ts. */
import { UsageError } from "../errors.ts";
import { errorToRecord } from "./error-codec.ts";
import { kindOf } from "./kinds.ts";
import { define, TAG, tagged } from "./tags.ts";
import { bytesOf, isDetached, viewNameOf } from "./typed-arrays.ts";
import type { EncodeScope } from "./value-codec.ts";

/** Deeper values would overflow the stack here or, worse, where they are decoded. */
const deepest = 1000;

export class Encoder {
  readonly raws: Uint8Array[] = [];
  readonly functions: unknown[] = [];
  readonly #scope: EncodeScope;
  readonly #seen = new Map<object, number>();
  /** How many objects were encoded so far; the decoder numbers them likewise. */
  #objects = 0;
  #depth = 0;

  constructor(scope: EncodeScope) {
    this.#scope = scope;
  }

  encode(value: unknown, path: string): unknown {
    switch (typeof value) {
      case "number":
        return Object.is(value, -0) ? tagged("-0") : value;
      case "bigint":
        return tagged("n", value < 0n ? `-${(-value).toString(16)}` : value.toString(16));
      case "string":
        return isWellFormed(value) ? value : tagged("text", JSON.stringify(value));
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

  /** As `encode`, but an object that was seen before may have changed since: it is encoded anew. */
  encodeAfresh(value: unknown, path: string): unknown {
    this.#seen.clear();
    return this.encode(value, path);
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
    this.#seen.set(value, this.#objects++);
    if (++this.#depth > deepest) throw new UsageError(tooDeep(path));
    const encoded = this.#encodeByKind(value, path);
    this.#depth--;
    return encoded;
  }

  #encodeByKind(value: object, path: string): unknown {
    if (Array.isArray(value)) return this.#encodeArray(value, path);
    if (ArrayBuffer.isView(value)) return this.#encodeView(value, path);
    const kind = kindOf(value);
    switch (kind) {
      case "plain":
        return this.#encodeProperties(value, path);
      case "buffer":
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
        return this.#encodeError(value as Error, path);
      case "boxed":
        return tagged("boxed", this.encode(value.valueOf(), path));
      default:
        throw new UsageError(`${path} is a ${kind.refused}; it can't travel to another thread or host.`);
    }
  }

  /** The cause may be any value, the error itself among them. */
  #encodeError(error: Error, path: string): unknown {
    const { cause: _, ...record } = errorToRecord(error);
    return Object.hasOwn(error, "cause")
      ? tagged("Error", [record, this.encode(error.cause, `${path}.cause`)])
      : tagged("Error", [record]);
  }

  #encodeArray(value: readonly unknown[], path: string): unknown[] {
    const out = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === "number" && item !== 0) out[i] = item;
      else if (item === undefined && !(i in value)) out[i] = tagged("hole");
      else out[i] = this.encode(item, `${path}[${i}]`);
    }
    return out;
  }

  #encodeView(value: ArrayBufferView, path: string): unknown {
    const name = viewNameOf(value);
    if (!name)
      throw new UsageError(`${path} is an array type that can't travel: ${Object.prototype.toString.call(value)}.`);
    if (isDetached(value)) throw new UsageError(`${path} is an array whose memory was given away (transfer, move).`);
    return tagged(name, this.raws.push(bytesOf(value)) - 1);
  }

  #encodeProperties(value: object, path: string): unknown {
    const out: Record<string, unknown> = {};
    let plainKeys = true;
    for (const [key, item] of Object.entries(value)) {
      plainKeys &&= key !== TAG && key !== "__proto__" && isWellFormed(key);
      define(out, key, this.encode(item, `${path}.${key}`));
    }
    if (plainKeys) return out;
    return tagged(
      "object",
      Object.entries(out).map(([key, item]) => [JSON.stringify(key), item]),
    );
  }
}

/** msgpack texts are UTF-8, which has no form for half a surrogate pair. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed(); // newer than the library that we compile for
}

function tooDeep(path: string): string {
  return `${path.slice(0, 60)}… is nested more than ${deepest} levels deep, too deep to travel. Use an array of nodes that name each other by index.`;
}
