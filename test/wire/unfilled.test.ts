import { unfilled } from "../../src/wire/unfilled.ts";

test.each([0, 1, 4096, 65_535, 65_536, 1 << 20])(
  "%i bytes are plain and have a buffer to themselves, which can be given away",
  (length) => {
    const [bytes, others] = [unfilled(length), unfilled(length)];
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect([bytes.byteLength, bytes.byteOffset, bytes.buffer.byteLength]).toEqual([length, 0, length]);
    others.fill(7);
    bytes.fill(1);
    structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
    expect(bytes.byteLength).toBe(0);
    expect(others.every((byte) => byte === 7)).toBe(true);
  },
);
