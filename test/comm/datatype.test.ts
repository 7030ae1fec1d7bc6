import fc from "fast-check";
import { Datatype, FLOAT32, FLOAT64, INT8, INT16, INT32, UINT8 } from "../../src/comm/datatype.ts";

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
        old[0].contiguous(n),
        blocks(
          old[1],
          range(n).map((i) => i * size(old)),
        ),
      ],
    ),
    fc.tuple(count, count, shift, inner).map(
      ([n, length, stride, old]): Both => [
        old[0].vector(n, length, stride),
        blocks(
          old[1],
          range(n).flatMap((i) => range(length).map((k) => (i * stride + k) * size(old))),
        ),
      ],
    ),
    fc.tuple(count, count, shift, inner).map(
      ([n, length, stride, old]): Both => [
        old[0].hvector(n, length, stride),
        blocks(
          old[1],
          range(n).flatMap((i) => range(length).map((k) => i * stride + k * size(old))),
        ),
      ],
    ),
    fc.tuple(fc.array(fc.tuple(count, shift), { maxLength: 3 }), inner).map(
      ([list, old]): Both => [
        old[0].indexed(
          list.map(([length]) => length),
          list.map(([, at]) => at),
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
          Datatype.struct(fields.map(([[type], n, at]) => ({ type, count: n, offsetBytes: at }))),
          join(fields.flatMap(([old, n, at]) => range(n).map((k) => [old[1], at + k * size(old)] as const))),
        ],
      ),
    fc
      .tuple(inner, shift, fc.nat({ max: 12 }))
      .map(
        ([old, low, extent]): Both => [old[0].resized(low, extent), { bytes: old[1].bytes, low, high: low + extent }],
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
        const section = type.over(view, { count: n, offset: -low });
        const packed = section.pack();
        expect([...packed]).toEqual(whole.bytes.map((byte) => view[byte - low]));

        const target = new Uint8Array(length);
        type.over(target, { count: n, offset: -low }).unpack(packed);
        const due = new Uint8Array(length);
        for (const byte of whole.bytes) due[byte - low] = view[byte - low]!;
        expect(target).toEqual(due);

        // Fewer bytes fill the beginning only. (Where bytes belong twice, nothing can be received.)
        if (new Set(whole.bytes).size < whole.bytes.length) return;
        const part = Uint8Array.from({ length: n === 0 ? 0 : Math.floor(packed.length / 2) }, () => 0);
        type.over(target, { count: n, offset: -low }).unpack(part);
        for (const byte of whole.bytes.slice(0, part.length)) due[byte - low] = 0;
        expect(target).toEqual(due);
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
        const type = FLOAT32.subarray(sizes, subs, starts, isC ? "C" : "F");
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
        expect([...(type.over(source, { count: 2 }).toArray() as Float32Array)]).toEqual([...source].filter(inside));
        expect(type.extent).toBe(4 * length);
      }),
    );
  });

  test("a column of a matrix goes to a row", () => {
    const matrix = Float64Array.from({ length: 12 }, (_, i) => i);
    const column = FLOAT64.vector(3, 1, 4);
    expect(column.over(matrix, { offset: 1 }).toArray()).toEqual(Float64Array.of(1, 5, 9));
    const row = new Float64Array(12);
    FLOAT64.contiguous(3)
      .over(row, { offset: 4 })
      .unpack(column.over(matrix, { offset: 1 }).pack());
    expect([...row]).toEqual([0, 0, 0, 0, 1, 5, 9, 0, 0, 0, 0, 0]);
  });

  test("columns follow one another when resized", () => {
    const matrix = Int32Array.from({ length: 6 }, (_, i) => i);
    const column = INT32.vector(2, 1, 3).resized(0, 4);
    expect(column.over(matrix, { count: 3 }).toArray()).toEqual(Int32Array.of(0, 3, 1, 4, 2, 5));
  });

  test("long runs, and structs over a DataView", () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
    const rows = UINT8.vector(3, 100, 300);
    const packed = rows.over(bytes).pack();
    expect([...packed]).toEqual([0, 300, 600].flatMap((at) => [...bytes.subarray(at, at + 100)]));
    const back = new Uint8Array(1000);
    rows.over(back).unpack(packed);
    expect(rows.over(back).pack()).toEqual(packed);
    const particle = Datatype.struct([
      { type: FLOAT64, offsetBytes: 0, count: 2 },
      { type: INT16, offsetBytes: 16 },
    ]).resized(0, 24);
    const view = new DataView(new ArrayBuffer(48));
    view.setFloat64(24, 1.5);
    view.setInt16(40, -7);
    const bytesMoved = particle.over(view, { offset: 24 }).toArray() as Uint8Array;
    const moved = new DataView(bytesMoved.slice().buffer);
    expect([moved.byteLength, moved.getFloat64(0), moved.getInt16(16)]).toEqual([18, 1.5, -7]);
  });

  test("the bits of signalling NaNs are kept", () => {
    const words = Uint32Array.of(1, 0x7ff00000, 2, 0x7ff00000, 3, 0x7ff00000);
    const packed = FLOAT64.vector(2, 1, 2).over(new Float64Array(words.buffer)).pack();
    expect([...new Uint32Array(packed.buffer)]).toEqual([1, 0x7ff00000, 3, 0x7ff00000]);
  });

  test("whole arrays are one piece, and composition without gaps becomes one", () => {
    const matrix = new Float64Array(12);
    const rows = FLOAT64.subarray([3, 4], [2, 4], [1, 0]).over(matrix);
    expect([rows.isOnePiece, rows.byteLength]).toEqual([true, 64]);
    expect(rows.pack().buffer).toBe(matrix.buffer);
    expect(FLOAT64.vector(2, 1, 1).vector(3, 2, 2).over(matrix).byteLength).toBe(96);
    expect(FLOAT64.vector(3, 1, 4).over(matrix).isOnePiece).toBe(false);
    expect(FLOAT64.indexed(2, [0, 2, 4]).shape.kind).toBe("run");
    expect(FLOAT64.vector(2, 1, 3).vector(4, 1, 6).shape.kind).toBe("loop");
  });

  test("a section travels as an array of its elements, a struct of several as bytes", () => {
    const type = (section: { readonly type: string }) => section.type;
    expect(type(FLOAT64.over(new DataView(new ArrayBuffer(8))))).toBe("Float64Array");
    expect(type(UINT8.over(new Uint8ClampedArray(1)))).toBe("Uint8ClampedArray");
    const pair = (second: Datatype) => [INT32, second].map((field, i) => ({ type: field, offsetBytes: 8 * i }));
    expect(type(Datatype.struct(pair(INT32)).over(new Int32Array(4)))).toBe("Int32Array");
    expect(type(Datatype.struct(pair(INT16)).over(new Int32Array(4)))).toBe("Uint8Array");
  });

  test("what lies outside of an array, and lists that don't fit, are refused in words", () => {
    const column = FLOAT64.vector(3, 1, 4);
    expect(() => column.over(new Float64Array(8))).toThrow(
      "the datatype takes bytes 0 to 71 of an array that has 64 (count 1, offset 0).",
    );
    expect(() => column.over(new Float64Array(9), { offset: -1 })).toThrow("takes bytes -8 to 63");
    expect(() => column.over(new Float32Array(99))).toThrow(
      "a datatype of Float64Array elements was laid over another",
    );
    expect(() => INT8.subarray([3], [2], [2])).toThrow(
      "the block (2 from 2) leaves the array in dimension 0, which has 3",
    );
    expect(() => INT8.hindexed([1], [0, 8])).toThrow('"blocklengths" must be one for each of 2 displacements');
    expect(() => INT8.contiguous(-1)).toThrow('"count" must be a whole number of 0 or more, got -1');
    expect(() => INT8.vector(1, 1, 0.5)).toThrow('"stride" must be a whole number, got 0.5');
    expect(() => column.over([1] as never)).toThrow('"array" must be a typed array or DataView');
  });
});
