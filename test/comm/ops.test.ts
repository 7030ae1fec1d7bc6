import fc from "fast-check";
import {
  BAND,
  defineOp,
  LAND,
  MAXLOC,
  MINLOC,
  type Op,
  PROD,
  predefinedOps,
  reduceLocal,
  SUM,
  toOp,
} from "../../src/comm/ops.ts";
import { arrayTypes, combineElements, isDefinedFor, randomOperand, type Typed } from "./arrays.ts";

const seeds = fc.integer();

function combined(op: Op, left: Typed, right: Typed): Typed {
  const out = left.slice() as Typed;
  op.combineArrays(out, right, out);
  return out;
}

describe("predefined ops over typed arrays", () => {
  const pairs = predefinedOps.flatMap((op) => arrayTypes.map((Type) => [op.name, Type.name, op, Type] as const));

  test.each(pairs.filter(([, , op, Type]) => isDefinedFor(op.name, Type)))(
    "%s of %s gives every element what its definition gives",
    (_op, _type, op, Type) => {
      fc.assert(
        fc.property(seeds, fc.nat({ max: 20 }), (seed, groups) => {
          const left = randomOperand(op, Type, groups, seed);
          const right = randomOperand(op, Type, groups, seed ^ 0x5bd1e995);
          expect(combined(op, left, right)).toEqual(combineElements(op.name, left, right));
        }),
        { numRuns: 20 },
      );
    },
  );

  test.each(pairs.filter(([, , op, Type]) => !isDefinedFor(op.name, Type)))(
    "%s of %s is refused",
    (name, type, op, Type) => {
      const array = new Type(2);
      expect(() => op.checkArray(array)).toThrow(`${name} can't combine a ${type}.`);
      expect(() => op.combineArrays(array, array, array)).toThrow(name);
    },
  );

  test("the output may be either operand", () => {
    for (const op of predefinedOps) {
      const left = Int32Array.of(5, 1, -3, 0);
      const right = Int32Array.of(2, 7, -3, 4);
      const due = combined(op, left, right);
      op.combineArrays(left, right, right);
      expect(right).toEqual(due);
    }
  });

  test("unequal lengths, unequal types, halves of pairs and DataViews are refused", () => {
    const three = new Float64Array(3);
    expect(() => SUM.combineArrays(three, new Float64Array(2), three)).toThrow("same type and length");
    expect(() => SUM.combineArrays(three, new BigInt64Array(3), three)).toThrow("same type and length");
    expect(() => MINLOC.checkArray(three)).toThrow("groups of 2 elements, got a Float64Array of 3");
    expect(() => SUM.checkArray(new DataView(new ArrayBuffer(8)))).toThrow("SUM can't combine a DataView");
  });

  test("reduceLocal takes its input as the left operand", () => {
    const inout = Int32Array.of(10, 20);
    reduceLocal(
      defineOp((x: number, y: number) => x * 100 + y),
      Int32Array.of(1, 2),
      inout,
    );
    expect([...inout]).toEqual([110, 220]);
  });
});

describe("predefined ops over values", () => {
  const byName = new Map(predefinedOps.map((op) => [op.name, op.combineValues]));
  test.each([
    ["SUM", 2, 3, 5],
    ["SUM", 2n ** 70n, 1n, 2n ** 70n + 1n],
    ["PROD", -2, 3.5, -7],
    ["MIN", 0, -0, -0],
    ["MIN", Number.NaN, 1, Number.NaN],
    ["MAX", 4n, 9n, 9n],
    ["MAX", "pear", "apple", "pear"],
    ["LAND", 1, "", false],
    ["LOR", 0, 7, true],
    ["LXOR", true, true, false],
    ["BAND", 2 ** 40 + 6, 2 ** 40 + 3, 2 ** 40 + 2],
    ["BOR", -8, 3, -5],
    ["BXOR", true, false, true],
    ["BXOR", 5n, 6n, 3n],
    ["MINLOC", { value: 3, index: 4 }, { value: 3, index: 2 }, { value: 3, index: 2 }],
    ["MINLOC", { value: 3, index: 4 }, { value: 2, index: 9 }, { value: 2, index: 9 }],
    ["MAXLOC", { value: Number.NaN, index: 5 }, { value: 7, index: 0 }, { value: Number.NaN, index: 5 }],
    ["MAXLOC", { value: 1n, index: 0 }, { value: 2n, index: 1 }, { value: 2n, index: 1 }],
  ])("%s of %p and %p is %p", (name, left, right, due) => {
    expect(byName.get(name)!(left, right)).toEqual(due);
  });

  test.each([
    ["SUM", 1, 1n, "1 and 1n (bigint)"],
    ["SUM", [1], [2], "an array of 1 and an array of 1; give a function"],
    ["MIN", "a", 1, '"a" (string) and 1'],
    ["BAND", 1.5, 1, "whole numbers of at most 53 bits, got 1.5 and 1"],
    ["MAXLOC", 1, 2, "pairs { value, index }, got 1 and 2"],
  ])("%s of %p and %p is refused", (name, left, right, text) => {
    expect(() => byName.get(name)!(left, right)).toThrow(text);
  });
});

describe("a user's op", () => {
  test("a plain function is an op that is not commutative and works on elements and values", () => {
    const op = toOp((left: number, right: number) => left * 10 + right);
    expect(op.commutative).toBe(false);
    expect(op.combineValues(1, 2)).toBe(12);
    expect(combined(op, Float64Array.of(1, 2), Float64Array.of(3, 4))).toEqual(Float64Array.of(13, 24));
  });

  test("may combine whole arrays, in groups", () => {
    const product = defineOp(() => 0, {
      name: "complex product",
      width: 2,
      combineArrays(left, right, out) {
        const [x, y, z] = [left, right, out] as Float64Array[];
        for (let i = 0; i < z!.length; i += 2) {
          const [a, b, c, d] = [x![i]!, x![i + 1]!, y![i]!, y![i + 1]!];
          z![i] = a * c - b * d;
          z![i + 1] = a * d + b * c;
        }
      },
    });
    expect(combined(product, Float64Array.of(0, 1), Float64Array.of(0, 1))).toEqual(Float64Array.of(-1, 0));
    expect(() => product.checkArray(new Float64Array(3))).toThrow("complex product combines groups of 2");
  });

  test("that gives the wrong type is named", () => {
    const op = defineOp(function half() {
      return undefined;
    });
    expect(() => combined(op, Float64Array.of(1), Float64Array.of(2))).toThrow("half must give a number");
  });

  test("wrong arguments are refused", () => {
    expect(() => toOp("SUM" as never)).toThrow('"op" must be an op (SUM, MIN, …) or a function');
    expect(() => defineOp(3 as never)).toThrow('"combine" must be a function');
    expect(() => defineOp(() => 0, { width: 2 })).toThrow("needs combineArrays");
    expect(() => defineOp(() => 0, { width: 0 })).toThrow('"width" must be a whole number of 1 or more');
  });

  test("predefined ops are commutative and can't be changed", () => {
    for (const op of [SUM, PROD, BAND, LAND, MAXLOC]) {
      expect(op.commutative).toBe(true);
      expect(Object.isFrozen(op)).toBe(true);
    }
  });
});
