/** Values in chunks: whatever the cut, the same bytes lie in the right memory again, and nothing else is taken. */
import fc from "fast-check";
import { pack } from "msgpackr";
import { TransportError } from "../../src/errors.ts";
import { maxFrames } from "../../src/limits.ts";
import { openParcel, packParcel } from "../../src/transport/parcel.ts";
import { together } from "../../src/wire/chunks.ts";
import { clippedRecord, errorToRecord } from "../../src/wire/error-codec.ts";
import { framesOf, messageToDriver, messageToHost, sizeOf } from "../../src/wire/messages.ts";
import { encodeValue } from "../../src/wire/value-codec.ts";

const block = { kind: "Block", job: 1, block: 2, lent: false } as const;
const scatter = {
  kind: "Scatter",
  job: 1,
  rank: 0,
  assignment: 1,
  kernel: { name: "k", module: "m" },
  parts: [0],
  blocks: [],
  cancelGraceMs: 1,
  together: null,
} as const;
const partial = { kind: "Partial", job: 1, rank: 0, assignment: 1, parts: [0], last: true, computeMs: 1 } as const;

test("a value comes back the same however short the frames are", () => {
  const raws = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 });
  fc.assert(
    fc.property(raws, fc.integer({ min: 1, max: 60 }), (arrays, longest) => {
      const value = encodeValue(arrays);
      const frames = framesOf({ ...partial, parts: [0] }, value, longest);
      expect(Math.max(0, ...frames.slice(1).map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(longest);
      const received = messageToDriver(frames);
      expect(received.value).toEqual({ head: value.head, raws: value.raws });
      expect(received.head).toStrictEqual(partial);
      expect(received.bytes).toBe(sizeOf(frames));
    }),
  );
});

test("at a host, a Block lies in shared memory and anything else in buffers of its own, each once", () => {
  const value = encodeValue([new Float64Array(9).fill(1.5), new Uint8Array(0)]);
  const taken = messageToHost(framesOf(block, value, 7)).value!;
  for (const bytes of [taken.head, ...taken.raws])
    expect(Object.prototype.toString.call(bytes.buffer)).toBe("[object SharedArrayBuffer]");
  const parts = messageToHost(framesOf({ ...scatter, parts: [0], blocks: [] }, value, 1000)).value!;
  for (const [i, bytes] of [parts.head, ...parts.raws].entries()) {
    expect(Object.prototype.toString.call(bytes.buffer)).toBe("[object ArrayBuffer]");
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    expect(bytes.buffer).not.toBe([value.head, ...value.raws][i]!.buffer);
  }
});

test("at the driver, what came in one frame is not copied", () => {
  const value = encodeValue([new Float64Array(9)]);
  const frames = framesOf(partial as never, value, 1000);
  expect(messageToDriver(frames).value!.raws[0]).toBe(frames[2]);
  expect(messageToDriver(framesOf(partial as never, value, 10)).value!.raws[0]!.buffer.byteLength).toBe(72);
});

test("at the driver, a small frame that lies among others gets memory of its own", () => {
  const value = encodeValue([new Float64Array(9)]);
  const parcel = packParcel([framesOf(partial as never, value)]);
  const { raws } = messageToDriver(openParcel(parcel)[0]!).value!;
  expect(raws[0]!.buffer.byteLength).toBe(72);
});

test("chunks that don't make up what was announced are refused before any memory is taken", () => {
  const chunk = (bytes: number) => new Uint8Array(bytes);
  const never = () => {
    throw new Error("memory was taken");
  };
  for (const [sizes, chunks] of [
    [[4], []],
    [[4], [chunk(3)]],
    [[4], [chunk(5)]],
    [[4], [chunk(2), chunk(3)]],
    [[4], [chunk(2), chunk(0), chunk(2)]],
    [[4, 0], [chunk(4)]],
    [[4], [chunk(4), chunk(1)]],
    [[2 ** 40], [chunk(4)]],
    [[], [chunk(0)]],
  ] as const)
    expect(() => together(sizes, chunks, never)).toThrow(TypeError);
});

test("frames that were not announced, and sizes without frames, are no message", () => {
  expect(() => messageToDriver([pack({ kind: "Stopped", job: 1, forced: [] }), new Uint8Array(1)])).toThrow(
    TransportError,
  );
  expect(() => messageToDriver([pack({ ...partial, sizes: [1e9] })])).toThrow(TransportError);
  expect(() => messageToDriver([pack({ ...partial, sizes: "many" })])).toThrow(TransportError);
});

test("a message of too many frames is refused on both sides, and so is a head that is too large", () => {
  const empty = new Uint8Array(0);
  const many = new Array<Uint8Array>(maxFrames).fill(empty);
  expect(() => framesOf(partial as never, { head: empty, raws: many })).toThrow(/fewer and longer typed arrays/);
  expect(() => messageToDriver([pack(partial), ...many])).toThrow(/frames is too large/);
  const reason = "x".repeat(2 << 20);
  expect(() => framesOf({ kind: "Cancel", job: 1, reason, force: false, lost: null })).toThrow(TransportError);
  expect(() => messageToHost([pack({ kind: "Cancel", job: 1, reason, force: false, lost: null })])).toThrow(
    TransportError,
  );
});

test("the largest head that a failure can have is small enough", () => {
  let error = new Error("ü€".repeat(1e6));
  for (let i = 0; i < 20; i++) error = new Error("€".repeat(1e6), { cause: error });
  const failure = { kind: "Failure", job: 1, rank: 0, assignment: 1, part: 0 } as const;
  const record = clippedRecord(errorToRecord(error));
  const { head } = messageToDriver(framesOf({ ...failure, error: record }));
  expect(head).toStrictEqual({ ...failure, error: record });
  expect(record.message).toMatch(/… \(984000 more characters\)$/);
});
