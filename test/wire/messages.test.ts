/** Messages: every kind comes through as it was, and nothing else does. */
import { types } from "node:util";
import fc from "fast-check";
import { pack, unpack } from "msgpackr";
import { TransportError } from "../../src/errors.ts";
import {
  framesOf,
  messageToDriver,
  messageToHost,
  sizeOf,
  type ToDriver,
  type ToHost,
} from "../../src/wire/messages.ts";
import { encodeValue } from "../../src/wire/value-codec.ts";

const record = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(model, { noNullPrototype: true });
const number = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 32, Number.MAX_SAFE_INTEGER));
const name = fc.string({ maxLength: 1000 });
const text = fc.string();
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0); // -0 needs not come back as one
const duration = real.map(Math.abs);
const numbers = fc.array(number, { maxLength: 5 });
const state = fc.constantFrom("idle", "scattering", "computing", "reducing", "cancelled");
const errorRecord = fc.letrec((tie) => ({
  error: fc.record(
    { name, message: text, stack: text, code: name, cause: tie("error") },
    { requiredKeys: ["name", "message"], noNullPrototype: true },
  ),
})).error;

const hostMessages: Record<ToHost["kind"], fc.Arbitrary<object>> = {
  Attend: fc.constant({}),
  Block: record({ job: number, block: number, lent: fc.boolean() }),
  Scatter: record({
    job: number,
    rank: number,
    assignment: number,
    kernel: record({ name, module: text }),
    parts: fc.array(number, { minLength: 1, maxLength: 5 }),
    blocks: numbers,
    cancelGraceMs: duration,
    together: fc.option(numbers),
  }),
  Data: record({ job: number, from: number }),
  Dial: record({ host: number, ticket: name, endpoints: fc.array(name) }),
  Expect: record({ host: number, ticket: name }),
  Relay: record({ host: number }),
  Gone: record({ host: number }),
  Cancel: record({
    job: number,
    reason: text,
    force: fc.boolean(),
    lost: fc.option(record({ rank: number, host: name, state: name, message: text })),
  }),
  Last: record({ job: number }),
  Finish: record({ job: number }),
  Forget: record({ job: number }),
  Rest: fc.constant({}),
};
const standing = record({
  doing: fc.constantFrom("waiting", "finished"),
  waits: fc.array(
    record({
      for: fc.constantFrom("message", "receiver", "collective"),
      peers: numbers,
      tag: fc.option(number),
      context: number,
      name,
    }),
  ),
  any: fc.boolean(),
  certain: fc.boolean(),
  unreceived: fc.array(record({ source: number, tag: number, context: number })),
  blocked: numbers,
  sent: numbers,
  taken: numbers,
});
const talk = record({
  pairs: numbers,
  least: record({ ranks: number, hosts: number }),
  crossed: fc.array(record({ to: number, messages: number, bytes: number, relayed: fc.boolean() })),
});
const driverMessages: Record<ToDriver["kind"], fc.Arbitrary<object>> = {
  Hello: record({ host: name, pid: number, version: name, nodeVersion: name, ranks: numbers }),
  Report: record({
    transitions: fc.array(
      record({
        rank: number,
        job: number,
        to: state,
        event: name,
        atMs: real,
        part: fc.option(number),
        forced: fc.boolean(),
        cause: fc.option(name),
      }),
    ),
    progress: fc.array(record({ rank: number, job: number, done: real, total: real })),
    standings: fc.array(record({ rank: number, job: number, standing: fc.option(standing) })),
    usage: fc.option(
      record({ cores: real, memoryBytes: number, ranks: fc.array(record({ rank: number, cores: real })) }),
    ),
    talk: fc.option(talk),
  }),
  Partial: record({
    job: number,
    rank: number,
    assignment: number,
    parts: numbers,
    last: fc.boolean(),
    computeMs: duration,
  }),
  Door: record({ endpoints: fc.array(name) }),
  Seek: record({ to: number }),
  Unreachable: record({ to: number, why: text }),
  Broken: record({ to: number }),
  Forward: record({ job: number, to: number }),
  Idle: record({ job: number, assignments: number }),
  Stopped: record({
    job: number,
    forced: numbers,
    talk: fc.option(talk),
  }),
  Failure: record({ job: number, rank: number, assignment: number, part: fc.option(number), error: errorRecord }),
};
const directions = [
  ["toHost", hostMessages, messageToHost],
  ["toDriver", driverMessages, messageToDriver],
] as const;
const kinds = directions.flatMap(([direction, messages, read]) =>
  Object.entries(messages).map(([kind, fields]) => ({
    direction,
    kind,
    read: read as (frames: readonly Uint8Array[]) => { head: object; value: unknown; bytes: number },
    message: fields.map((rest) => ({ kind, ...rest }) as unknown as ToHost),
  })),
);

/** As they are packed: the number of the kind, and the fields in their order. */
function fieldsOf(head: ToHost | ToDriver): unknown[] {
  return (unpack(framesOf(head)[0]!) as [unknown[]])[0];
}

test.each(kinds)("$kind ($direction) comes back as it was sent", ({ message, read }) => {
  fc.assert(
    fc.property(message, (head) => {
      expect(read(framesOf(head)).head).toStrictEqual(head);
    }),
    { numRuns: 40 },
  );
});

test.each(kinds)("$kind ($direction) is refused when any field is missing or of another type", ({ message, read }) => {
  for (const head of fc.sample(message, 3))
    for (let field = 0; field < Object.keys(head).length; field++)
      for (const wrong of [undefined, -0.5, Number.NaN, [null], { a: 1 }])
        expect(() => read([pack([fieldsOf(head).with(field, wrong)])])).toThrow(TransportError);
});

test.each(kinds)("$kind ($direction) is refused with fewer fields or more, and by name", ({ message, read }) => {
  for (const head of fc.sample(message, 3)) {
    const fields = fieldsOf(head);
    for (const wrong of [fields.slice(0, -1), [...fields, 0], head, { 0: fields[0] }, "Rest", ["length"]])
      expect(() => read([pack([wrong])])).toThrow(TransportError);
    expect(() => read([pack(fields)])).toThrow(TransportError);
    expect(() => read([pack([fields, [], 0])])).toThrow(TransportError);
    // As a package of the same version number may send it that names the fields.
    expect(() => read([pack(head)])).toThrow("its head must be a list");
  }
});

test.each(kinds)("$kind ($direction) is not taken in the other direction", ({ message, direction }) => {
  const other = direction === "toHost" ? messageToDriver : messageToHost;
  fc.assert(
    fc.property(message, (head) => expect(() => other(framesOf(head))).toThrow(TransportError)),
    { numRuns: 10 },
  );
});

test("wrong items of lists are refused", () => {
  const progress = { rank: 0, job: 1, done: 1, total: 2 };
  const report = (item: object) =>
    messageToDriver(
      framesOf({
        kind: "Report",
        transitions: [],
        progress: [item as typeof progress],
        standings: [],
        usage: null,
        talk: null,
      }),
    );
  expect(report(progress).head.kind).toBe("Report");
  expect(() => report({ ...progress, done: Number.NaN })).toThrow(TransportError);
  expect(() => report({ ...progress, total: Number.POSITIVE_INFINITY })).toThrow(TransportError);
  expect(() => report({ ...progress, rank: -1 })).toThrow(TransportError);
});

test("a message brings its value's frames, and the size of all of them", () => {
  const value = encodeValue([new Float64Array(10)]);
  const frames = framesOf({ kind: "Block", job: 1, block: 2, lent: false }, value);
  const received = messageToHost(frames);
  expect(received.value).toEqual({ head: value.head, raws: value.raws });
  expect(received.bytes).toBe(sizeOf(frames));
  expect(received.bytes).toBe(frames[0]!.length + value.head.length + 80);
  expect(messageToHost(framesOf({ kind: "Rest" })).value).toBeUndefined();
});

test("the frames of one message are not changed by the next, and lie in a buffer of their own", () => {
  const first = framesOf({ kind: "Finish", job: 1 });
  framesOf({ kind: "Finish", job: 2 });
  expect(first[0]!.buffer.byteLength).toBe(first[0]!.byteLength);
  expect(messageToHost(first).head).toEqual({ kind: "Finish", job: 1 });
});

test("no frames are no message", () => {
  expect(() => messageToHost([])).toThrow(TransportError);
  expect(() => messageToDriver([new Uint8Array(0)])).toThrow(TransportError);
});

test("fields that nobody asked for are dropped", () => {
  const lost = { rank: 1, host: "h", state: "idle", message: "gone" };
  const cancel = { kind: "Cancel", job: 1, reason: "enough", force: false } as const;
  const more = JSON.parse('{"extra": 1, "__proto__": {"rank": 2}}') as object;
  const frames = framesOf({ ...cancel, lost: Object.assign(Object.create(null), more, lost) as typeof lost });
  expect(messageToHost(frames).head).toStrictEqual({ ...cancel, lost });
});

describe("heads that were tampered with", () => {
  function look(read: (frames: readonly Uint8Array[]) => unknown, head: Uint8Array): void {
    try {
      read([head]);
    } catch (error) {
      expect(types.isNativeError(error) && error.name).toBe("TransportError");
    }
  }

  test("random bytes are refused with a TransportError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        look(messageToHost, bytes);
        look(messageToDriver, bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("flipped bits and cut ends are a message or a TransportError", () => {
    fc.assert(
      fc.property(
        fc.oneof(...kinds.map(({ message, read }) => message.map((head) => ({ head, read })))),
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.nat(10),
        ({ head, read }, flips, cut) => {
          const bytes = framesOf(head)[0]!;
          for (const flip of flips) bytes[(flip >> 3) % bytes.length]! ^= 1 << (flip & 7);
          look(read, bytes.subarray(0, bytes.length - cut));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("nesting without end is refused", () => {
    const deep = new Uint8Array(200_000).fill(0x91);
    look(messageToHost, deep);
    const [kind] = fieldsOf({ kind: "Failure" } as ToDriver);
    const causes = [0x91, 0x96, kind as number, 1, 1, 1, 1];
    for (let i = 0; i < 20_000; i++) causes.push(0x81, ...packed("cause"));
    look(messageToDriver, new Uint8Array([...causes, 0xc0]));
  });
});

function packed(value: string): Uint8Array {
  return pack(value);
}
