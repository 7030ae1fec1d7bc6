import fc from "fast-check";
import {
  contiguous,
  type Datatype,
  elementType,
  FLOAT32,
  FLOAT64,
  hindexed,
  hvector,
  INT8,
  INT16,
  INT32,
  indexed,
  resized,
  struct,
  subarray,
  UINT8,
  vector,
} from "../../src/comm/datatype.ts";

/** A type map as MPI 4.1 section 5.1 has it: where each byte lies, in order, and the bounds. */
interface TypeMap {
  readonly bytes: readonly number[];
  readonly low: number;
  readonly high: number;
}
type Both = readonly [Datatype, TypeMap];

/** Blocks of an old type at byte displacements: all constructors of MPI are cases of it. */
function blocks(old: TypeMap, starts: readonly number[]): TypeMap {
  return join(starts.map((start) => [old, start]));
}

function join(parts: readonly (readonly [TypeMap, number])[]): TypeMap {
  if (parts.length === 0) return { bytes: [], low: 0, high: 0 };
  return {
    bytes: parts.flatMap(([map, start]) => map.bytes.map((byte) => byte + start)),
    low: Math.min(...parts.map(([map, start]) => map.low + start)),
    high: Math.max(...parts.map(([map, start]) => map.high + start)),
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const count = fc.nat({ max: 3 });
const shift = fc.integer({ min: -4, max: 4 });
const basic: fc.Arbitrary<Both> = fc.constantFrom(
  ...([INT8, INT16, INT32, FLOAT64] as const).map((type) => {
    const size = type.size;
    return [type, { bytes: range(size), low: 0, high: size }] as const;
  }),
);

const { type: anyType } = fc.letrec<{ type: Both }>((tie) => ({
  type: fc.oneof({ depthSize: "small", withCrossShrink: true }, basic, derived(tie("type"))),
}));

function derived(inner: fc.Arbitrary<Both>): fc.Arbitrary<Both> {
  const size = ([, map]: Both) => map.high - map.low;
  return fc.oneof(
    fc.tuple(count, inner).map(
      ([n, old]): Both => [
        contiguous(n, old[0]),
        blocks(
          old[1],
          range(n).map((i) => i * size(old)),
        ),
      ],
    ),
    fc.tuple(count, count, shift, inner).map(
      ([n, length, stride, old]): Both => [
        vector(n, length, stride, old[0]),
        blocks(
          old[1],
          range(n).flatMap((i) => range(length).map((k) => (i * stride + k) * size(old))),
        ),
      ],
    ),
    fc.tuple(count, count, shift, inner).map(
      ([n, length, stride, old]): Both => [
        hvector(n, length, stride, old[0]),
        blocks(
          old[1],
          range(n).flatMap((i) => range(length).map((k) => i * stride + k * size(old))),
        ),
      ],
    ),
    fc.tuple(fc.array(fc.tuple(count, shift), { maxLength: 3 }), inner).map(
      ([list, old]): Both => [
        indexed(
          list.map(([length]) => length),
          list.map(([, at]) => at),
          old[0],
        ),
        blocks(
          old[1],
          list.flatMap(([length, at]) => range(length).map((k) => (at + k) * size(old))),
        ),
      ],
    ),
    fc
      .array(fc.tuple(inner, count, shift), { maxLength: 3 })
      .map(
        (fields): Both => [
          struct(fields.map(([[type], n, at]) => ({ type, count: n, offsetBytes: at }))),
          join(fields.flatMap(([old, n, at]) => range(n).map((k) => [old[1], at + k * size(old)] as const))),
        ],
      ),
    fc
      .tuple(inner, shift, fc.nat({ max: 12 }))
      .map(
        ([old, low, extent]): Both => [resized(old[0], low, extent), { bytes: old[1].bytes, low, high: low + extent }],
      ),
  );
}

describe("derived datatypes", () => {
  test("any composition has the size, bounds and bytes of its type map, packed and unpacked, at any alignment", () => {
    fc.assert(
      fc.property(anyType, fc.nat({ max: 3 }), fc.nat({ max: 7 }), ([type, map], n, misalignment) => {
        const whole = blocks(
          map,
          range(n).map((i) => i * (map.high - map.low)),
        );
        expect([type.size, type.lowerBound, type.extent]).toEqual([map.bytes.length, map.low, map.high - map.low]);
        const low = Math.min(0, ...whole.bytes);
        const length = Math.max(0, ...whole.bytes) + 1 - low;
        const view = new Uint8Array(new ArrayBuffer(length + 16), misalignment, length);
        for (let i = 0; i < length; i++) view[i] = 1 + (i % 255);
        const span = { count: n, offsetBytes: -low };
        const packed = type.pack(view, span);
        expect([...packed]).toEqual(whole.bytes.map((byte) => view[byte - low]));

        const target = new Uint8Array(length);
        type.unpack(packed, target, span);
        const due = new Uint8Array(length);
        for (const byte of whole.bytes) due[byte - low] = view[byte - low]!;
        expect(target).toEqual(due);

        const piece = type.inOnePiece(view, span);
        if (piece !== undefined) expect([...piece]).toEqual([...packed]);
      }),
      { numRuns: 500 },
    );
  });

  test("a subarray is the block of an array, of one to three dimensions, in both orders", () => {
    const dimension = fc
      .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 2 }))
      .map(([start, sub, rest]) => ({ start, sub, size: start + sub + rest }));
    fc.assert(
      fc.property(fc.array(dimension, { minLength: 1, maxLength: 3 }), fc.boolean(), (dimensions, isC) => {
        const [sizes, subs, starts] = [
          dimensions.map(({ size }) => size),
          dimensions.map(({ sub }) => sub),
          dimensions.map(({ start }) => start),
        ];
        const type = subarray(sizes, subs, starts, FLOAT32, isC ? "C" : "F");
        const length = sizes.reduce((product, size) => product * size, 1);
        const source = Float32Array.from({ length: 2 * length }, (_, i) => i);
        const inside = (index: number): boolean => {
          let rest = index % length;
          return [...dimensions.keys()]
            .sort((a, b) => (isC ? b - a : a - b))
            .every((i) => {
              const coordinate = rest % sizes[i]!;
              rest = (rest - coordinate) / sizes[i]!;
              return coordinate >= starts[i]! && coordinate < starts[i]! + subs[i]!;
            });
        };
        const packed = type.pack(source, { count: 2 });
        expect([...new Float32Array(packed.buffer)]).toEqual([...source].filter(inside));
        expect(type.extent).toBe(4 * length);
      }),
    );
  });

  test("a column of a matrix goes to a row", () => {
    const matrix = Float64Array.from({ length: 12 }, (_, i) => i);
    const column = vector(3, 1, 4, FLOAT64);
    const packed = column.pack(matrix, { offsetBytes: 8 });
    expect([...new Float64Array(packed.buffer)]).toEqual([1, 5, 9]);
    const row = new Float64Array(12);
    contiguous(3, FLOAT64).unpack(packed, row, { offsetBytes: 32 });
    expect([...row]).toEqual([0, 0, 0, 0, 1, 5, 9, 0, 0, 0, 0, 0]);
  });

  test("columns follow one another when resized", () => {
    const matrix = Int32Array.from({ length: 6 }, (_, i) => i);
    const column = resized(vector(2, 1, 3, INT32), 0, 4);
    expect([...new Int32Array(column.pack(matrix, { count: 3 }).buffer)]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  test("long runs, and structs over a DataView", () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    const rows = vector(3, 100, 300, UINT8);
    expect([...rows.pack(bytes)]).toEqual([0, 300, 600].flatMap((at) => [...bytes.subarray(at, at + 100)]));
    const back = new Uint8Array(1000);
    rows.unpack(rows.pack(bytes), back);
    expect(rows.pack(back)).toEqual(rows.pack(bytes));
    const particle = resized(
      struct([
        { type: FLOAT64, offsetBytes: 0, count: 2 },
        { type: INT16, offsetBytes: 16 },
      ]),
      0,
      24,
    );
    const view = new DataView(new ArrayBuffer(48));
    view.setFloat64(24, 1.5);
    view.setInt16(40, -7);
    const moved = new DataView(particle.pack(view, { offsetBytes: 24 }).buffer);
    expect([moved.byteLength, moved.getFloat64(0), moved.getInt16(16)]).toEqual([18, 1.5, -7]);
    expect(elementType(view).size).toBe(1);
    expect(elementType(new Float32Array(1)).size).toBe(4);
  });

  test("the bits of signalling NaNs are kept", () => {
    const words = Uint32Array.of(1, 0x7ff00000, 2, 0x7ff00000);
    const packed = vector(2, 1, 1, FLOAT64).pack(new Float64Array(words.buffer));
    expect([...new Uint32Array(packed.buffer)]).toEqual([...words]);
  });

  test("whole arrays are one piece, and composition without gaps becomes one", () => {
    const matrix = new Float64Array(12);
    expect(subarray([3, 4], [2, 4], [1, 0], FLOAT64).inOnePiece(matrix)?.byteLength).toBe(64);
    expect(vector(3, 2, 2, vector(2, 1, 1, FLOAT64)).inOnePiece(matrix)?.byteLength).toBe(96);
    expect(vector(3, 1, 4, FLOAT64).inOnePiece(matrix)).toBeUndefined();
    expect(indexed(2, [0, 2, 4], FLOAT64).shape.kind).toBe("run");
    expect(vector(4, 1, 6, vector(2, 1, 3, FLOAT64)).shape.kind).toBe("loop");
  });

  test("what lies outside of a buffer, and lists that don't fit, are refused in words", () => {
    const column = vector(3, 1, 4, FLOAT64);
    expect(() => column.pack(new Float64Array(8))).toThrow(
      "the datatype takes bytes 0 to 71 of a buffer that has 64 (count 1, offset 0 bytes).",
    );
    expect(() => column.pack(new Float64Array(9), { offsetBytes: -8 })).toThrow("takes bytes -8 to 63");
    expect(() => column.unpack(new Uint8Array(23), new Float64Array(9))).toThrow(
      "23 bytes came for a datatype that takes 24",
    );
    expect(() => subarray([3], [2], [2], INT8)).toThrow(
      "the block (2 from 2) leaves the array in dimension 0, which has 3",
    );
    expect(() => hindexed([1], [0, 8], INT8)).toThrow('"blocklengths" must be one for each of 2 displacements');
    expect(() => contiguous(-1, INT8)).toThrow('"count" must be a whole number of 0 or more, got -1');
    expect(() => vector(1, 1, 0.5, INT8)).toThrow('"stride" must be a whole number, got 0.5');
    expect(() => column.pack([1] as never)).toThrow('"buffer" must be a typed array or DataView');
  });
});
