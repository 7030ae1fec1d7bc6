/** Packed data is looked through before it is unpacked: what we pack passes, and what would unpack to much more than came does not. */
import fc from "fast-check";
import { Packr, pack } from "msgpackr";
import { TransportError } from "../../src/errors.ts";
import { maxPackedDepth } from "../../src/limits.ts";
import { messageToDriver } from "../../src/wire/messages.ts";
import { checkPacked } from "../../src/wire/packed.ts";
import { encodeValue } from "../../src/wire/value-codec.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true, mapsAsObjects: true });
const bytes = (...all: number[]) => new Uint8Array(all);

test("every value that our encoder makes passes", () => {
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true });
  fc.assert(
    fc.property(value, (each) => checkPacked(encodeValue(each).head)),
    { numRuns: 500 },
  );
  for (const each of ["x".repeat(70_000), new Array(70_000).fill(1), 2 ** 40, -(2 ** 33), 1.5, -1, -129, -40_000, 3e9])
    checkPacked(encodeValue({ each, not: undefined }).head);
  checkPacked(encodeValue(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`key ${i}`, i]))).head);
});

test("the deepest value that our encoder makes passes, and deeper nesting does not", () => {
  let deepest: unknown = 1;
  for (let i = 0; i < 1000; i++) deepest = new Map([[1, deepest]]);
  checkPacked(encodeValue(deepest).head);
  const nested = (depth: number) => bytes(...new Array<number>(depth).fill(0x91), 0xc0);
  checkPacked(nested(maxPackedDepth - 1));
  expect(() => checkPacked(nested(maxPackedDepth))).toThrow(/nested too deep/);
});

test("every cut, and anything that follows, is refused", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
      const packed = new Uint8Array(packr.pack(value));
      checkPacked(packed);
      expect(() => checkPacked(packed.subarray(0, cut % packed.length))).toThrow(TypeError);
      expect(() => checkPacked(bytes(...packed, 0))).toThrow(TypeError);
    }),
  );
});

test("a list that announces more than there is, is refused: it would be made as long as it says", () => {
  for (const announced of [
    bytes(0xdd, 1, 0, 0, 0),
    bytes(0xdd, 0xff, 0xff, 0xff, 0xff, 0, 0),
    bytes(0xdc, 0xff, 0xff, 0),
    bytes(0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa1, 0x61, 0),
    bytes(0x9f, 1, 2),
    bytes(0x8f, 1, 2),
    bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61),
  ])
    expect(() => checkPacked(announced)).toThrow(TypeError);
});

test("lists in lists can't each announce all that follows", () => {
  const tower: number[] = [];
  for (let i = 0; i < 1000; i++) tower.push(0xdd, 0, 0, 0x80, 0);
  const bomb = bytes(...tower, ...new Array<number>(40_000).fill(0xc0));
  expect(() => checkPacked(bomb)).toThrow(/announces more than there is/);
  expect(() => messageToDriver([bomb])).toThrow(TransportError);
  const partial = { kind: "Partial", job: 1, rank: 0, assignment: 1, parts: [0], last: true, computeMs: 1 };
  expect(() => messageToDriver([pack({ ...partial, sizes: [bomb.length] }), bomb])).toThrow(TransportError);
});

test("kinds that we never send are refused: extensions that build classes, records that are compiled, binary", () => {
  const all = Array.from({ length: 256 }, (_, first) => first);
  const refused = all.filter((first) => {
    try {
      checkPacked(bytes(first, ...new Array<number>(20).fill(0)));
    } catch (error) {
      return /of a kind/.test((error as Error).message);
    }
    return false;
  });
  expect(refused).toEqual([0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd5, 0xd6, 0xd7, 0xd8]);
  expect(() => checkPacked(bytes(0xd4, 1, 0))).toThrow(TypeError);
});
