import fc from "fast-check";
import { allreduce, reduce } from "../../src/comm/collectives/reduce.ts";
import { reduceScatter } from "../../src/comm/collectives/reduce-scatter.ts";
import { exscan, scan } from "../../src/comm/collectives/scan.ts";
import { defineOp, MAXLOC, type Op, PROD, predefinedOps, SUM } from "../../src/comm/ops.ts";
import type { Data } from "../../src/comm/steps.ts";
import {
  arrayTypes,
  combineElements,
  convert,
  isDefinedFor,
  randomOperand,
  type Typed,
  type TypedConstructor,
} from "./arrays.ts";
import { simulate } from "./simulate.ts";
import { anyHosts, anyOptions, hostCount, hostMaps, onEveryRoot } from "./worlds.ts";

/** Associative and not commutative: the upper digit of the first, the lower digit of the last. */
const bounds = defineOp(
  (left: number | bigint, right: number | bigint) =>
    typeof left === "bigint"
      ? (left / 16n) * 16n + ((right as bigint) % 16n)
      : Math.floor(left / 16) * 16 + ((right as number) % 16),
  { name: "bounds" },
);
const joined = defineOp((left: string, right: string) => left + right, { name: "joined" });

/** Small whole numbers, so that sums and products of floats are exact and every grouping gives the same. */
function smallOperand(op: Op, Type: TypedConstructor, groups: number, rank: number): Typed {
  const array = randomOperand(op, Type, groups, rank);
  if (op === SUM || op === PROD || op === bounds)
    for (let i = 0; i < array.length; i++) (array as Float64Array)[i] = convert(Type, (i * 7 + rank * 3) % 5) as number;
  return array;
}

function foldAll(op: Op, operands: readonly Typed[]): Typed {
  return operands.reduce((left, right) => {
    if (op !== bounds) return combineElements(op.name, left, right);
    const out = left.slice() as Typed;
    op.combineArrays(left, right, out);
    return out;
  });
}

/** An array as text: its type and its bytes. Quicker to compare than its elements. */
function bits(array: unknown): string | undefined {
  if (array === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = array as Typed;
  const type = Object.prototype.toString.call(array);
  return `${type} ${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`;
}

const cases = [...predefinedOps, bounds].flatMap((op) =>
  arrayTypes.filter((Type) => isDefinedFor(op.name, Type)).map((Type) => [op, Type] as const),
);

describe.each(hostMaps.map(([name, hosts], index) => [name, hosts, index] as const))("on %s", (_name, hosts, index) => {
  const ranks = hosts.map((_, rank) => rank);

  test("reduce, allreduce, scan, exscan and reduceScatter of ops and array types give what the definition gives", () => {
    // A fifth of all pairs on each host map, another one on the next.
    for (const [i, [op, Type]] of cases.filter((_, i) => (i + index) % 5 === 0).entries()) {
      const groups = [1, 3, 9][i % 3]! * hosts.length;
      const operands = ranks.map((rank) => smallOperand(op, Type, groups, rank));
      const untouched = operands.map((each) => each.slice());
      const root = i % hosts.length;
      const { results } = simulate(
        hosts,
        function* (place) {
          const mine = operands[place.rank]!;
          const into = i % 2 === 0 ? (mine.slice() as Typed) : undefined;
          return [
            yield* reduce(place, mine, op, root),
            // Every second time in place.
            yield* allreduce(place, into ?? mine, op, { into }),
            yield* scan(place, mine, op),
            yield* exscan(place, mine, op),
            yield* reduceScatter(place, mine, op),
          ];
        },
        { seed: i, sends: i % 4 < 2 ? "rendezvous" : "buffered" },
      );
      const whole = foldAll(op, operands);
      const share = whole.length / hosts.length;
      const due = ranks.map((rank) => [
        rank === root ? whole : undefined,
        whole,
        foldAll(op, operands.slice(0, rank + 1)),
        rank === 0 ? undefined : foldAll(op, operands.slice(0, rank)),
        whole.slice(rank * share, (rank + 1) * share),
      ]);
      expect(results.map((list) => list.map(bits))).toEqual(due.map((list) => list.map(bits)));
      expect(operands.map(bits)).toEqual(untouched.map(bits));
    }
  });

  test("reduce goes to any root with the same bits, and every host but the root's sends its contribution once", () => {
    for (const length of [0, 1, 40, 100]) {
      const operands = ranks.map((rank) => Float64Array.from({ length }, (_, i) => 1 / (1 + rank + i)));
      let first: Data | undefined;
      onEveryRoot(hosts, (root, options) => {
        const { results, traffic } = simulate(
          hosts,
          (place) => reduce(place, operands[place.rank]!, SUM, root),
          options,
        );
        first ??= results[root];
        for (const rank of ranks) expect(results[rank]).toEqual(rank === root ? first : undefined);
        expect(traffic.crossBytes).toBe((hostCount(hosts) - 1) * length * 8);
      });
    }
  });

  test("allreduce of floats gives the same bits on all ranks in whatever order things happen", () => {
    for (const length of [1, 40, 100]) {
      const operands = ranks.map((rank) => Float64Array.from({ length }, (_, i) => Math.sin(1 + rank + i * 0.1)));
      const outcomes = [1, 2, 3].flatMap((seed) =>
        simulate(hosts, (place) => allreduce(place, operands[place.rank]!, SUM), { seed }).results.map((data) =>
          bits(data),
        ),
      );
      expect(new Set(outcomes).size).toBe(1);
    }
  });

  test("a long allreduce and a reduceScatter cross hosts with the least bytes", () => {
    const length = 40 * hosts.length;
    const data = new Float64Array(length);
    const across = hostCount(hosts) - 1;
    const { traffic } = simulate(hosts, (place) => allreduce(place, data, SUM));
    expect(traffic.crossBytes).toBe(2 * across * length * 8);
    const scattered = simulate(hosts, (place) => reduceScatter(place, data, SUM)).traffic;
    const isBundled = across > 0 && across + 1 < hosts.length;
    const heads = isBundled ? across * (8 * (across + 1) + 16 * hosts.length) : 0;
    expect(scattered.crossBytes).toBe(across * length * 8 + heads);
  });

  test("ops that are not commutative meet in the order of ranks, for values and lists of values", () => {
    onEveryRoot(hosts, (root, options) => {
      const { results } = simulate(
        hosts,
        function* (place) {
          const letter = { value: String.fromCharCode(97 + place.rank) };
          return [
            yield* reduce(place, letter, joined, root),
            yield* allreduce(place, letter, joined),
            yield* scan(place, letter, joined),
            yield* exscan(place, letter, joined),
            yield* reduceScatter(place, { value: ranks.map((to) => `${letter.value}${to}`) }, joined),
          ];
        },
        options,
      );
      const all = "abcdefghi".slice(0, hosts.length);
      const due = ranks.map((rank) => [
        rank === root ? { value: all } : undefined,
        { value: all },
        { value: all.slice(0, rank + 1) },
        rank === 0 ? undefined : { value: all.slice(0, rank) },
        { value: [...all].map((letter) => letter + rank).join("") },
      ]);
      expect(results).toEqual(due);
    });
  });

  test("reduceScatter gives unequal blocks, empty ones too", () => {
    const counts = ranks.map((rank) => (rank * 2) % 5);
    const length = counts.reduce((sum, count) => sum + count, 0);
    const operands = ranks.map((rank) => Float64Array.from({ length }, (_, i) => rank * i));
    const { results } = simulate(hosts, function* (place) {
      const into = new Float64Array(counts[place.rank]!);
      const got = yield* reduceScatter(place, operands[place.rank]!, SUM, { counts, into });
      return got === into ? into : "another array";
    });
    const whole = [...foldAll(SUM, operands)] as number[];
    expect(results).toEqual(counts.map((count) => Float64Array.from(whole.splice(0, count))));
  });
});

describe("reproducible sums", () => {
  test("have the same bits on any hosts, in any order of the ranks' contributions, in every operation", () => {
    const wild = fc.double({ noDefaultInfinity: true, noNaN: true });
    fc.assert(
      fc.property(
        anyHosts,
        anyOptions,
        fc.infiniteStream(wild),
        fc.integer({ min: 1, max: 20 }),
        (hosts, options, stream, length) => {
          const operands = hosts.map(() => Float64Array.from({ length }, () => stream.next().value!));
          const run = (map: readonly number[], order: readonly Float64Array[]) =>
            simulate(
              map,
              function* (place) {
                const mine = order[place.rank]!;
                const all = (yield* allreduce(place, mine, SUM, { reproducible: true })) as Float64Array;
                const atRoot = yield* reduce(place, mine, SUM, 0, { reproducible: true });
                const upTo = yield* scan(place, mine, SUM, { reproducible: true });
                const counts = [length, ...new Array<number>(place.size - 1).fill(0)];
                const share = yield* reduceScatter(place, mine, SUM, { reproducible: true, counts });
                if (place.rank === 0) {
                  expect(atRoot).toEqual(all);
                  expect(share).toEqual(all);
                }
                if (place.rank === place.size - 1) expect(upTo).toEqual(all);
                return all;
              },
              options,
            ).results;
          const here = run(hosts, operands);
          const elsewhere = run(new Array<number>(hosts.length).fill(0), [...operands].reverse());
          for (const result of [...here, ...elsewhere]) expect(result).toEqual(here[0]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("of 32-bit floats and of numbers are rounded once", () => {
    // 1 + 2^−24 is half-way between two floats; the last term decides. Summed in floats, all small terms would be lost.
    const terms = [1, 2 ** -24, 2 ** -80, 0];
    const options = { reproducible: true };
    const { results } = simulate([0, 0, 1, 1], function* (place) {
      const mine = terms[place.rank]!;
      return [
        yield* allreduce(place, Float32Array.of(mine), SUM, options),
        yield* allreduce(place, { value: mine }, SUM, options),
      ];
    });
    for (const result of results) expect(result).toEqual([Float32Array.of(1 + 2 ** -23), { value: 1 + 2 ** -24 }]);
  });

  test("are refused for what rounds in another way, and are the ordinary ones where nothing rounds", () => {
    const on = (data: Data, op: Op) => () =>
      simulate([0, 0], (place) => allreduce(place, data, op, { reproducible: true })).results[0];
    expect(on(Float64Array.of(1), PROD)).toThrow(
      "possible for SUM and for ops that don't round, not for PROD of floats",
    );
    expect(on(Float64Array.of(1), bounds)).toThrow("not for bounds of floats");
    expect(on(Int32Array.of(3), PROD)()).toEqual(Int32Array.of(9));
    expect(on(Float64Array.of(7, 0), MAXLOC)()).toEqual(Float64Array.of(7, 0));
  });
});

describe("what can't be reduced", () => {
  test("is refused before anything is sent", () => {
    const on = (data: (rank: number) => Data, op: Op) => () =>
      simulate([0, 0], (place) => allreduce(place, data(place.rank), op));
    expect(on(() => Float64Array.of(1), predefinedOps.find(({ name }) => name === "BAND")!)).toThrow(
      "BAND can't combine a Float64Array",
    );
    expect(on((rank) => (rank === 0 ? Int8Array.of(1) : { value: 1 }), SUM)).toThrow(
      "all ranks must give arrays, or all values",
    );
    expect(on((rank) => new Float64Array(rank === 0 ? 2 : 1), SUM)).toThrow(/same type and length|truncated/);
    const counts = (list: number[] | undefined) => () =>
      simulate([0, 0], (place) => reduceScatter(place, new Int8Array(5), SUM, { counts: list }));
    expect(counts(undefined)).toThrow("5 elements can't be shared equally by 2 ranks");
    expect(counts([1, 2])).toThrow("counts are for 3 elements, the array has 5");
    expect(counts([5])).toThrow("one for each of 2 ranks");
    expect(() => simulate([0, 0], (place) => reduceScatter(place, { value: [1] }, SUM))).toThrow(
      "one value for each of 2",
    );
  });
});
