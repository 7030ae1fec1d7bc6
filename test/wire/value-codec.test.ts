/** Values that travel: what comes back is what was sent, what can't travel is refused by name, and no head does harm. */
import assert from "node:assert";
import { types } from "node:util";
import fc from "fast-check";
import { UsageError } from "../../src/errors.ts";
import { TAG } from "../../src/wire/tags.ts";
import { decodeValue, type EncodedValue, encodeValue, openValue } from "../../src/wire/value-codec.ts";

/** Over a wire: every frame lies in memory of its own, as a Buffer, as ZeroMQ hands them over. */
function received({ head, raws }: EncodedValue): EncodedValue {
  return { head: ownBuffer(head), raws: raws.map(ownBuffer) };
}

function ownBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(new Uint8Array(bytes).buffer);
}

function travel<T>(value: T): T {
  const { head, raws } = received(encodeValue(value));
  return decodeValue(openValue(head), raws) as T;
}

/** Any text, half surrogate pairs and control characters among them. */
const anyText = fc.oneof(
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);
const anyKey = fc.oneof(anyText, fc.constantFrom("__proto__", "constructor", "toString", TAG, "0", "-1", "4294967295"));
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, 5e-324),
);
const anyLeaf = fc.oneof(
  anyNumber,
  anyText,
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.constantFrom(undefined, null),
);
const regExp = fc
  .record({
    source: fc.constantFrom("a+", "(?<x>[/])", "\\u{1F600}", "^$", "\\/"),
    flags: fc.constantFrom("", "gi", "suy"),
  })
  .map(({ source, flags }) => new RegExp(source, source.includes("{") ? "u" : flags));
const anyError = fc
  .record({
    make: fc.constantFrom(Error, TypeError, RangeError, SyntaxError),
    message: fc.string(), // an error's message is for people: of half a surrogate pair comes back \ufffd
    cause: fc.oneof(fc.constant(undefined), anyLeaf),
  })
  .map(({ make, message, cause }) => new make(message, cause === undefined ? undefined : { cause }));
const anyView = fc
  .record({
    View: fc.constantFrom(
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
    ),
    bytes: fc.uint8Array({ maxLength: 80 }),
    skip: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ View, bytes, skip }) => {
    const size = View.BYTES_PER_ELEMENT;
    const elements = Math.floor(bytes.length / size);
    const from = Math.min(skip, elements);
    return new View(new Uint8Array(bytes).buffer as ArrayBuffer, from * size, elements - from);
  });
const anyValue = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.anything({ key: anyKey, values: [anyLeaf], withSparseArray: true, withTypedArray: true }),
  },
  {
    weight: 3,
    arbitrary: fc.anything({
      key: anyKey,
      values: [anyLeaf, regExp, anyError, anyView, fc.date({ noInvalidDate: true })],
      withMap: true,
      withSet: true,
      withBoxedValues: true,
      withSparseArray: true,
      maxDepth: 4,
    }),
  },
);

describe("what comes back", () => {
  test("any structured-clonable value comes back the same", () => {
    fc.assert(
      fc.property(anyValue, (value) => assert.deepStrictEqual(travel(value), value)),
      { numRuns: 400 },
    );
  });

  test.each([
    ["-0", -0],
    ["a -0 in an array", [-0, 0]],
    ["NaN", Number.NaN],
    ["undefined", undefined],
    ["undefined in an array and an object", { list: [undefined, null, 1], gone: undefined }],
    ["a bigint of 4000 bits", -(3n ** 2500n)],
    ["the earliest date", new Date(-8.64e15)],
    ["a map with maps for keys", new Map([[new Map([[1, 2]]), new Set([[3]])]])],
    // biome-ignore lint/suspicious/noSparseArray: it is the case
    ["a hole at either end", [, 1, ,] as unknown[]],
    ["a wrapped -0", Object(-0)],
    ["a wrapped text, half a surrogate pair", Object("\ud800")],
    ["half a surrogate pair as a key", { "\udc00": "\ud800" }],
    ["an object that looks like a tag", { [TAG]: ["-0"] }],
    ["an object with a tag's key and others", { a: 1, [TAG]: { [TAG]: [] }, ["__proto__"]: 3 }],
    ["70 000 keys", Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i]))],
    ["5000 objects beside each other", Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] }))],
    ["a text of 200 000 characters", "ä🙂".repeat(70_000)],
  ])("%s comes back the same", (_, value) => {
    assert.deepStrictEqual(travel(value), value);
    assert.deepStrictEqual(travel({ inside: [value] }), { inside: [value] });
  });

  test("an invalid date comes back invalid", () => {
    const back = travel([new Date(Number.NaN)])[0]!; // Node 20 calls two of them unequal
    expect(types.isDate(back)).toBe(true);
    expect(back.getTime()).toBe(Number.NaN);
  });

  test("a __proto__ key stays a key and never becomes the prototype", () => {
    const back = travel(JSON.parse('{"__proto__": {"polluted": true}, "x": 1}')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(Object.keys(back)).toEqual(["__proto__", "x"]);
    expect(back.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("holes stay holes; what an array carries under names does not travel", () => {
    const array = Object.assign([1, 2], { name: "lost" });
    array.length = 4;
    const back = travel(array);
    expect(Object.keys(back)).toEqual(["0", "1"]);
    expect(back.length).toBe(4);
  });

  test("maps and sets keep their order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyLeaf, anyLeaf)), (entries) => {
        const map = new Map(entries);
        const set = new Set(entries.map(([key]) => key));
        expect([...travel(map)]).toEqual([...map]);
        expect([...travel(set)]).toEqual([...set]);
      }),
    );
  });

  test("cycles and shared identity are kept, and nothing is shared that was not", () => {
    // A graph of objects, arrays, maps, sets, errors and boxes that point at each other at random.
    const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 40 });
    const kinds = fc.array(fc.constantFrom("object", "array", "map", "set", "error", "date", "view", "boxed"), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(kinds, edges, (shape, links) => {
        const nodes = shape.map(node);
        for (const [from, to] of links) link(nodes[from]!, nodes[to]);
        expectSameGraph(travel(nodes), nodes);
      }),
      { numRuns: 120 },
    );
  });

  test("instances of classes come back as their own enumerable properties, as with structuredClone", () => {
    class Point {
      x = 1;
      #hidden = 2;
      get sum() {
        return this.x + this.#hidden;
      }
    }
    const point = new Point();
    Object.defineProperty(point, "secret", { value: 3, enumerable: false });
    expect(travel(point)).toStrictEqual({ x: 1 });
    expect(travel(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
    expect(travel({ [Symbol("s")]: 1, a: 2 })).toStrictEqual({ a: 2 });
  });

  test("a thing is what it holds inside, not what it calls itself", () => {
    class Named extends Map<string, number> {
      override get [Symbol.toStringTag]() {
        return "Something";
      }
    }
    expect([...travel(new Named([["a", 1]]))]).toEqual([["a", 1]]);
    const impostor = Object.create({ [Symbol.toStringTag]: "Map" });
    impostor.a = 1;
    expect(travel(impostor)).toStrictEqual({ a: 1 });
    expect(travel(Math)).toStrictEqual({});
  });
});

describe("errors as values", () => {
  test("name, message, stack, code and cause come back", () => {
    class OddError extends Error {
      override name = "OddError";
      code = "ODD";
    }
    const error = new OddError("odd", { cause: new RangeError("deep", { cause: { plain: [1n] } }) });
    const back = travel(error);
    expect(back).toMatchObject({ name: "OddError", message: "odd", code: "ODD", stack: error.stack });
    expect(back.cause).toBeInstanceOf(RangeError);
    expect((back.cause as Error).cause).toEqual({ plain: [1n] });
    expect(Object.keys(travel(new Error("x", { cause: 1 })))).toEqual([]);
  });

  test("an error that is its own cause comes back as one", () => {
    const error = new Error("round");
    error.cause = error;
    const back = travel(error);
    expect(back.cause).toBe(back);
  });

  test("a DOMException comes back with its name", () => {
    expect(travel(new DOMException("stopped", "AbortError"))).toMatchObject({ name: "AbortError", message: "stopped" });
  });
});

describe("arrays", () => {
  test("typed arrays are views over the raws, not copies", () => {
    const { head, raws } = encodeValue([new Float64Array([1, 2]), new Uint8Array(3), new DataView(new ArrayBuffer(4))]);
    const values = decodeValue(openValue(head), raws) as ArrayBufferView[];
    for (const [i, value] of values.entries()) expect(value.buffer).toBe(raws[i]!.buffer);
  });

  test("the encoder copies no array either: raws lie where the arrays lie", () => {
    const big = new Float64Array(1000);
    const { raws } = encodeValue({ part: big.subarray(10, 20) });
    expect(raws[0]!.buffer).toBe(big.buffer);
    expect([raws[0]!.byteOffset, raws[0]!.byteLength]).toEqual([80, 80]);
  });

  test.each([1, 2, 4, 7])("a frame that lies %i bytes off is copied to where its elements can be read", (offset) => {
    const { head, raws } = encodeValue({ a: new Float64Array([1.5, -0, 3]), b: new Uint16Array([7]).buffer });
    const shifted = raws.map((raw) => Buffer.concat([new Uint8Array(offset), raw]).subarray(offset));
    const back = decodeValue(openValue(head), shifted) as { a: Float64Array; b: ArrayBuffer };
    assert.deepStrictEqual(back.a, new Float64Array([1.5, -0, 3]));
    expect(new Uint8Array(back.b)).toEqual(new Uint8Array([7, 0]));
  });

  test("the head lies in a buffer of its own: it can be handed over to a thread without taking others along", () => {
    const { head } = encodeValue({ a: 1 });
    expect(head.buffer.byteLength).toBe(head.byteLength);
  });

  test("views with an offset bring their own bytes only", () => {
    const whole = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const back = travel({ view: new DataView(whole.buffer, 2, 3), part: whole.subarray(6) });
    expect(back.view.byteLength).toBe(3);
    expect(back.view.getUint8(0)).toBe(3);
    expect([...back.part]).toEqual([7, 8]);
    expect(Object.prototype.toString.call(back.view)).toBe("[object DataView]");
  });

  test("an ArrayBuffer, and what a SharedArrayBuffer holds, come back as buffers", () => {
    const shared = new SharedArrayBuffer(4);
    new Uint8Array(shared).set([9, 8, 7, 6]);
    const back = travel({ plain: new Uint8Array([1, 2]).buffer, shared, view: new Int16Array(shared) });
    expect(back.plain.byteLength).toBe(2);
    expect([...new Uint8Array(back.plain)]).toEqual([1, 2]);
    expect([...new Uint8Array(back.shared)]).toEqual([9, 8, 7, 6]);
    assert.deepStrictEqual(Buffer.from(back.view.buffer), Buffer.from(shared));
  });

  test("a Buffer comes back as a Uint8Array, as with structuredClone", () => {
    expect(Object.prototype.toString.call(travel(Buffer.from("ab")))).toBe("[object Uint8Array]");
    expect(Buffer.isBuffer(travel(Buffer.from("ab")))).toBe(false);
  });
});

describe("what can't travel", () => {
  const refused: [string, unknown][] = [
    ["a symbol", Symbol("s")],
    ["a wrapped symbol", Object(Symbol("s"))],
    ["a promise", Promise.resolve()],
    ["a WeakMap", new WeakMap()],
    ["a WeakSet", new WeakSet()],
    ["a WeakRef", new WeakRef({})],
    ["a registry", new FinalizationRegistry(() => {})],
    ["a generator", (function* () {})()],
    ["an async generator", (async function* () {})()],
    ["an iterator of a map", new Map().entries()],
    ["an iterator of a set", new Set().values()],
    ["an iterator of an array", [][Symbol.iterator]()],
    ["WebAssembly memory", new WebAssembly.Memory({ initial: 1 })],
    ["a collator", new Intl.Collator()],
    ["a function", () => 1],
    ["a class", class {}],
  ];

  test.each(refused)("%s is refused", (_, value) => {
    expect(() => encodeValue({ list: [1, { deep: value }] })).toThrow(UsageError);
    expect(() => structuredClone(value)).toThrow(); // no stricter than that
  });

  test("the refusal names the path", () => {
    const place = (value: unknown) => {
      try {
        encodeValue(value);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(place({ list: [1, { deep: Symbol("s") }] })).toMatch(/^value\.list\[1\]\.deep is a symbol/);
    expect(place(new Map([["k", new WeakMap()]]))).toMatch(/^value\.<entry 0> is a WeakMap/);
    expect(place([new Set([1, Promise.resolve()])])).toMatch(/^value\[0\]\.<item 1> is a Promise/);
    expect(place({ e: new Error("x", { cause: Symbol("s") }) })).toMatch(/^value\.e\.cause is a symbol/);
  });

  test("1000 levels travel; deeper is refused in words and overflows no stack", () => {
    const nested = (depth: number) => {
      let value: unknown = 1;
      for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { next: value };
      return value;
    };
    let inner = travel(nested(1000));
    for (let i = 0; i < 1000; i++) inner = Object.values(inner as object)[0];
    expect(inner).toBe(1);
    for (const depth of [1001, 100_000]) expect(() => encodeValue(nested(depth))).toThrow(/more than 1000 levels deep/);
  });

  test("what was refused leaves nothing behind: the next value travels", () => {
    const good = { a: [1, 2] };
    expect(() => encodeValue({ good, bad: Symbol("s") })).toThrow(UsageError);
    expect(travel(good)).toEqual(good);
  });
});

describe("functions and blocks", () => {
  test("functions travel as references and shared values as block numbers, by identity", () => {
    const fn = () => 1;
    const block = new Float64Array([1]);
    const encoded = encodeValue([fn, block, { again: block, fn }], {
      describeFunction: (f) => ({ name: f.name }),
      blockOf: (value) => (value === block ? 7 : undefined),
    });
    expect(encoded.raws).toEqual([]);
    const opened = openValue(encoded.head);
    expect(opened.functions).toEqual([{ name: "fn" }, { name: "fn" }]);
    const scope = { functionAt: () => fn, block: (id: number) => (id === 7 ? block : undefined) };
    const back = decodeValue(opened, [], scope) as [unknown, unknown, { again: unknown; fn: unknown }];
    expect(back[0]).toBe(fn);
    expect(back[1]).toBe(block);
    expect(back[2].again).toBe(block);
  });

  test("where functions and blocks are not expected they are refused", () => {
    const encoded = encodeValue(() => 1, { describeFunction: () => "f", blockOf: () => undefined });
    expect(() => decodeValue(openValue(encoded.head), [])).toThrow(/not allowed here/);
    expect(() => encodeValue({ f: () => 1 })).toThrow(UsageError);
  });
});

describe("heads that were tampered with", () => {
  /** Decodes or throws an Error; anything else fails the test. */
  function look(head: Uint8Array, raws: readonly Uint8Array[]): void {
    try {
      decodeValue(openValue(head), raws, { functionAt: () => null, block: () => null });
    } catch (error) {
      expect(types.isNativeError(error)).toBe(true);
    }
  }

  test("random bytes decode or throw an Error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => look(bytes, [])),
      { numRuns: 1500 },
    );
  });

  test("flipped bits decode or throw an Error", () => {
    const flips = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyValue, flips, (value, places) => {
        const { head, raws } = received(encodeValue({ value, list: [new Map([[1n, -0]]), /x/g, new Error("e")] }));
        for (const place of places) head[(place >> 3) % head.length]! ^= 1 << (place & 7);
        look(head, raws);
      }),
      { numRuns: 300 },
    );
  });

  test("every truncation throws", () => {
    const { head, raws } = encodeValue({ a: [1, "two", new Map([[1n, -0]]), new Float64Array(2)], b: new Date() });
    for (let length = 0; length < head.length; length++)
      expect(() => decodeValue(openValue(head.slice(0, length)), raws)).toThrow();
  });

  test.each([
    ["a missing raw frame", { [TAG]: ["Float64Array", 0] }, []],
    ["a raw frame named twice", [0, 0].map((i) => ({ [TAG]: ["Uint8Array", i] })), [8]],
    ["a raw frame out of its order", [1, 0].map((i) => ({ [TAG]: ["Uint8Array", i] })), [8, 8]],
    ["a raw frame that is no whole number of elements", { [TAG]: ["Float64Array", 0] }, [7]],
    ["a reference to nothing", { [TAG]: ["ref", 3] }, []],
    ["a reference to before the beginning", { [TAG]: ["ref", -1] }, []],
    ["a tag of no kind", { [TAG]: ["nonsense", 1] }, []],
    ["a tag named after a method", { [TAG]: ["constructor", 0] }, [8]],
    ["a tag without a list", { [TAG]: 1 }, []],
    ["a bigint that is none", { [TAG]: ["n", "xyz"] }, []],
    ["an error that is none", { [TAG]: ["Error", [{ name: 1 }]] }, []],
    ["a map that is none", { [TAG]: ["Map", 5] }, []],
  ])("%s is refused", async (_, tree, sizes) => {
    const { pack } = await import("msgpackr");
    const head = pack({ tree, functions: [] });
    expect(() =>
      decodeValue(
        openValue(head),
        (sizes as number[]).map((size) => new Uint8Array(size)),
      ),
    ).toThrow();
  });

  test.each([
    ["no map", [0x01]],
    ["a map without a tree", [0x80]],
    ["functions that are no list", [0x82, 0xa4, ...Buffer.from("tree"), 1, 0xa9, ...Buffer.from("functions"), 1]],
  ])("a head that is %s is refused", (_, bytes) => {
    expect(() => openValue(new Uint8Array(bytes))).toThrow("not the head of a value");
  });

  test("lengths that a head only claims cost no memory", () => {
    const claims = [
      [0xdd, 0x01, 0xff, 0xff, 0xff], // an array of 33 million, 256 MiB if it were believed
      Array.from({ length: 20 }, () => [0xdd, 0x01, 0xff, 0xff, 0xff]).flat(), // and each within the other
      [0xdf, 0x01, 0xff, 0xff, 0xff],
      [0xdb, 0x7f, 0xff, 0xff, 0xff],
      [0xc6, 0x7f, 0xff, 0xff, 0xff],
    ];
    const before = process.memoryUsage();
    for (const claim of claims) expect(() => openValue(new Uint8Array([...claim, 1, 2, 3]))).toThrow();
    const after = process.memoryUsage();
    expect(after.heapTotal + after.external - before.heapTotal - before.external).toBeLessThan(64 * 2 ** 20);
  });

  test("a bad head does not harm the good one after it", () => {
    const good = encodeValue({ text: "ä".repeat(100), n: 1n });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        look(bytes, []);
        assert.deepStrictEqual(decodeValue(openValue(good.head), good.raws), { text: "ä".repeat(100), n: 1n });
      }),
      { numRuns: 300 },
    );
  });
});

function node(kind: string): object {
  switch (kind) {
    case "array":
      return [];
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "error":
      return new Error("node");
    case "date":
      return new Date(0);
    case "view":
      return new Float64Array(1);
    case "boxed":
      return Object(1);
    default:
      return {};
  }
}

function link(from: object, to: unknown): void {
  if (Array.isArray(from)) from.push(to);
  else if (types.isMap(from)) from.set(from.size, to).set(to, from.size);
  else if (types.isSet(from)) from.add(to);
  else if (types.isNativeError(from)) from.cause = to;
  else if (!types.isDate(from) && !ArrayBuffer.isView(from) && !types.isBoxedPrimitive(from))
    Object.assign(from, { [`to${Object.keys(from).length}`]: to });
}

/** Walks both together: each object on one side has exactly one partner on the other. */
function expectSameGraph(a: unknown, b: unknown, partners = new Map<unknown, unknown>(), back = new Map()): void {
  if (typeof a !== "object" || a === null) return expect(a).toBe(b);
  if (partners.has(a) || back.has(b)) {
    expect(partners.get(a) === b && back.get(b) === a).toBe(true);
    return;
  }
  partners.set(a, b);
  back.set(b, a);
  expect(Object.prototype.toString.call(a)).toBe(Object.prototype.toString.call(b));
  const [itemsOfA, itemsOfB] = [itemsOf(a), itemsOf(b as object)];
  expect(itemsOfA.length).toBe(itemsOfB.length);
  for (const [i, item] of itemsOfA.entries()) expectSameGraph(item, itemsOfB[i], partners, back);
}

function itemsOf(value: object): unknown[] {
  if (types.isMap(value)) return [...value].flat();
  if (types.isSet(value)) return [...value];
  if (types.isNativeError(value)) return [value.message, value.cause];
  if (types.isDate(value)) return [+value];
  return Object.values(value);
}
