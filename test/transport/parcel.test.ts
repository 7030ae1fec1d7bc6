/** Several messages as one, and again as several. */
import fc from "fast-check";
import { openParcel, packParcel } from "../../src/transport/parcel.ts";

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(2047, 2048, 2049, 5000).map((size) => new Uint8Array(size).fill(size & 255)),
);
const messages = fc.array(fc.array(frame, { maxLength: 5 }), { minLength: 1, maxLength: 8 });
const plain = (all: readonly (readonly Uint8Array[])[]) => all.map((frames) => frames.map((each) => hex(each)));
const hex = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString("hex");

test("what was packed is opened again, in its order", () => {
  fc.assert(
    fc.property(messages, (all) => {
      expect(plain(openParcel(packParcel(all)))).toEqual(plain(all));
    }),
  );
});

test("small frames travel in the first one, which stays small; long ones are not copied", () => {
  const long = new Uint8Array(1 << 20);
  expect(packParcel([[new Uint8Array(5), long], [new Uint8Array(7)]])).toHaveLength(2);
  expect(packParcel([[long]])[1]).toBe(long);
  const many = Array.from({ length: 10_000 }, () => new Uint8Array(2000));
  const parcel = packParcel([many]);
  expect(parcel[0]!.byteLength).toBeLessThan(1 << 20);
  expect(openParcel(parcel)[0]).toHaveLength(many.length);
});

test("what is no parcel gives a message without frames, and never more frames than came", () => {
  const cut = fc.record({ all: messages, at: fc.nat(), dropped: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(cut, ({ all, at, dropped }) => {
      const [first, ...rest] = packParcel(all) as [Uint8Array];
      const length = at % first.byteLength;
      expect(openParcel([first.subarray(0, length), ...rest.slice(dropped)]).length).toBeLessThanOrEqual(
        all.length + 1,
      );
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (frames) => {
      const bytes = frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(openParcel(frames).flat().length).toBeLessThanOrEqual(bytes / 4 + frames.length);
    }),
  );
  expect(openParcel([])).toEqual([[]]);
  expect(openParcel([new Uint8Array(0)])).toEqual([[]]);
  expect(openParcel([...packParcel([[new Uint8Array(1)]]), new Uint8Array(1)]).at(-1)).toEqual([]);
});
