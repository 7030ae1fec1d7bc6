/** Copies between private and shared memory, whatever the alignment. */
import fc from "fast-check";
import { copyBytes } from "../../src/wire/copy-bytes.ts";

const memory = (shared: boolean, length: number) =>
  new Uint8Array(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length));

test("copyBytes copies all bytes and touches no others, from and to shared memory, at any offset", () => {
  const offset = fc.nat(17);
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(300), fc.integer({ min: 4000, max: 9000 })),
      offset,
      offset,
      fc.boolean(),
      fc.boolean(),
      (length, from, to, fromShared, toShared) => {
        const source = memory(fromShared, length + 40);
        const target = memory(toShared, length + 40);
        for (let i = 0; i < source.length; i++) source[i] = 1 + ((i * 7) % 255);
        copyBytes(target.subarray(to, to + length), source.subarray(from, from + length));
        const expected = new Uint8Array(length + 40);
        for (let i = 0; i < length; i++) expected[to + i] = source[from + i]!;
        expect(Buffer.compare(target, expected)).toBe(0);
      },
    ),
  );
});
