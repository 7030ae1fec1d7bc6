import fc from "fast-check";
import { Cartesian, dimsCreate } from "../../src/comm/cartesian.ts";
import { type Neighbors, neighborAllgather, neighborAlltoall } from "../../src/comm/collectives/neighbors.ts";
import { checkAdjacent, type Edge, neighborsInGraph } from "../../src/comm/graph.ts";
import { Group } from "../../src/comm/group.ts";
import { PROC_NULL } from "../../src/comm/matching.ts";
import { splitByColour } from "../../src/comm/split.ts";
import { fromData } from "../../src/comm/steps.ts";
import { simulate } from "./simulate.ts";

const members = fc.uniqueArray(fc.nat({ max: 12 }));

describe("groups", () => {
  test("union, intersection and difference are those of sets, in the order of MPI", () => {
    fc.assert(
      fc.property(members, members, (a, b) => {
        const [one, other] = [new Group(a), new Group(b)];
        expect(one.union(other).members).toEqual([...a, ...b.filter((x) => !a.includes(x))]);
        expect(one.intersection(other).members).toEqual(a.filter((x) => b.includes(x)));
        expect(one.difference(other).members).toEqual(a.filter((x) => !b.includes(x)));
        expect(one.translateRanks([...a.keys()], other)).toEqual(
          a.map((x) => (b.includes(x) ? b.indexOf(x) : undefined)),
        );
        const same = [...a].sort().join() === [...b].sort().join();
        expect(one.compare(other)).toBe(a.join() === b.join() ? "identical" : same ? "similar" : "unequal");
        expect(one.compare(new Group([...a].reverse()))).toBe(a.length < 2 ? "identical" : "similar");
      }),
    );
  });

  test("incl and excl, by lists and by ranges, as in the examples of MPI 4.1 section 7.3.2", () => {
    const letters = new Group([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(letters.incl([3, 0]).members).toEqual([13, 10]);
    expect(letters.excl([3, 0]).members).toEqual([11, 12, 14, 15, 16, 17, 18, 19]);
    // The standard's own: ranges (6,7,1), (1,6,2), (0,9,4).
    const ranges = [
      [6, 7, 1],
      [1, 6, 2],
      [0, 9, 4],
    ] as const;
    expect(letters.rangeIncl(ranges).members).toEqual([16, 17, 11, 13, 15, 10, 14, 18]);
    expect(letters.rangeExcl(ranges).members).toEqual([12, 19]);
    expect(letters.rangeIncl([[5, 1, -2]]).members).toEqual([15, 13, 11]);
    expect(letters.rankOf(13)).toBe(3);
    expect(letters.rankOf(3)).toBeUndefined();
  });

  test("refuse what is no rank of theirs", () => {
    expect(() => new Group([1, 1])).toThrow("rank 1 stands twice in a group");
    expect(() => new Group([-1])).toThrow('"members" must be ranks of 0 or more, got -1');
    expect(() => new Group([4, 5]).incl([2])).toThrow('"ranks" must be ranks of this group, 0 to 1, got 2');
    expect(() => new Group([4]).rangeIncl([[0, 0, 0]])).toThrow('"stride"');
  });
});

describe("splitting", () => {
  test("puts ranks of a colour together by key, then by old rank; every rank with a colour is in exactly one part", () => {
    const request = fc.record({
      colour: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
      key: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
        const parts = splitByColour(requests);
        expect(parts.flatMap((part) => [...part.members]).sort((a, b) => a - b)).toEqual(
          requests.flatMap(({ colour }, rank) => (colour === undefined ? [] : [rank])),
        );
        expect(parts.map(({ colour }) => colour)).toEqual([...new Set(parts.map(({ colour }) => colour))].sort());
        for (const { colour, members: ranks } of parts)
          for (const [i, rank] of ranks.entries()) {
            expect(requests[rank]!.colour).toBe(colour);
            const last = ranks[i - 1];
            if (last === undefined) continue;
            const [before, key] = [requests[last]!.key ?? 0, requests[rank]!.key ?? 0];
            expect(before < key || (before === key && last < rank)).toBe(true);
          }
      }),
    );
  });

  test("refuses negative colours", () => {
    expect(() => splitByColour([{ colour: -1 }])).toThrow('"colour" must be a whole number of 0 or more, got -1');
  });
});

describe("dimsCreate", () => {
  test.each([
    // The standard's examples, MPI 4.1 section 8.5.2.
    [6, 2, [3, 2]],
    [7, 2, [7, 1]],
    [6, [0, 3, 0], [2, 3, 1]],
    [12, 3, [3, 2, 2]],
    [64, 3, [4, 4, 4]],
    [1, 3, [1, 1, 1]],
    [36, 2, [6, 6]],
    [6, [2, 3], [2, 3]],
    [1, 0, []],
  ])("shares %p ranks over %p as %p", (ranks, dims, due) => {
    expect(dimsCreate(ranks, dims)).toEqual(due);
  });

  test("chooses sizes that don't increase, multiply to the ranks and have the least possible maximum", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }), (ranks, count) => {
        const dims = dimsCreate(ranks, count);
        expect(dims.reduce((product, dim) => product * dim, 1)).toBe(ranks);
        expect(dims).toEqual([...dims].sort((a, b) => b - a));
        const least = (product: number, left: number): number =>
          left === 1
            ? product
            : Math.min(
                ...Array.from({ length: product }, (_, i) => i + 1)
                  .filter((first) => product % first === 0)
                  .map((first) => Math.max(first, least(product / first, left - 1))),
              );
        if (count < 4) expect(dims[0]).toBe(least(ranks, count));
      }),
    );
  });

  test("refuses sizes that don't divide the ranks", () => {
    expect(() => dimsCreate(7, [0, 3, 0])).toThrow("7 ranks can't be shared out over dimensions of 0 × 3 × 0");
    expect(() => dimsCreate(6, [2, 2])).toThrow("6 ranks");
    expect(() => dimsCreate(0, 1)).toThrow('"ranks"');
  });
});

const grid = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 3 }).map(
  (list) =>
    new Cartesian(
      list.map(([dim]) => dim),
      list.map(([, period]) => period),
    ),
);

describe("Cartesian grids", () => {
  test("number row by row: coordinates and ranks are each other's inverse, the last coordinate runs fastest", () => {
    fc.assert(
      fc.property(grid, (cart) => {
        const all = Array.from({ length: cart.size }, (_, rank) => cart.coords(rank));
        expect(all.map((coords) => cart.rank(coords))).toEqual([...all.keys()]);
        expect([...all].sort((a, b) => a.map((x, i) => x - b[i]!).find((x) => x !== 0) ?? 0)).toEqual(all);
      }),
    );
  });

  test("what a shift sends arrives where the receiver expects it", () => {
    fc.assert(
      fc.property(grid, fc.nat(), fc.integer({ min: -5, max: 5 }), (cart, pick, by) => {
        if (cart.dims.length === 0) return;
        const dimension = pick % cart.dims.length;
        for (let rank = 0; rank < cart.size; rank++) {
          const { destination } = cart.shift(rank, dimension, by);
          if (destination !== PROC_NULL) expect(cart.shift(destination, dimension, by).source).toBe(rank);
          else expect(cart.periods[dimension]).toBe(false);
        }
      }),
    );
  });

  test("slices of sub are the ranks that agree in the dropped coordinates", () => {
    const cart = new Cartesian([2, 3, 2], [true, false, true]);
    const rows = Array.from({ length: 12 }, (_, rank) => cart.sub(rank, [false, true, false]));
    expect(rows.map(({ colour }) => colour)).toEqual([0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3]);
    expect(rows.map(({ rank }) => rank)).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    expect(rows[0]!.grid.dims).toEqual([3]);
    expect(cart.sub(5, [false, false, false])).toMatchObject({ colour: 5, rank: 0 });
  });

  test("refuse what lies outside", () => {
    const cart = new Cartesian([2, 3], [true, false]);
    expect(cart.rank([-1, 2])).toBe(5);
    expect(() => cart.rank([0, 3])).toThrow("[0, 3] lies outside of the grid of 2 × 3");
    expect(() => cart.coords(6)).toThrow("0 to 5, got 6");
    expect(() => cart.shift(0, 2, 1)).toThrow('"dimension" must be 0 to 1, got 2');
    expect(() => new Cartesian([2], [true, true])).toThrow('"periods"');
  });

  test("a neighbor exchange brings from below what was sent upwards, also in periodic dimensions of one and two ranks", () => {
    fc.assert(
      fc.property(grid, fc.integer(), (cart, seed) => {
        const { results } = simulate(
          new Array<number>(cart.size).fill(0),
          (place) => {
            const around = cart.neighbors(place.rank);
            const parcels = around.destinations.map((_, i) => ({
              value: `${place.rank} ${i % 2 ? "up" : "down"} ${i >> 1}`,
            }));
            return neighborAlltoall(place, around, parcels);
          },
          { seed },
        );
        for (const [rank, result] of results.entries()) {
          const due = cart.dims.flatMap((_, d) => {
            const { source, destination } = cart.shift(rank, d, 1);
            return [
              source === PROC_NULL ? undefined : `${source} up ${d}`,
              destination === PROC_NULL ? undefined : `${destination} down ${d}`,
            ];
          });
          expect(result.map((data) => data && fromData(data))).toEqual(due);
        }
      }),
    );
  });
});

describe("graphs", () => {
  const size = 5;
  const edges = fc.array(fc.tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 }))) as fc.Arbitrary<Edge[]>;

  test("a neighbor exchange moves one parcel along every edge, repeated edges and loops included", () => {
    fc.assert(
      fc.property(edges, fc.integer(), (list, seed) => {
        const table = Array.from({ length: size }, (_, rank) => neighborsInGraph(list, rank, size));
        checkAdjacent(table);
        const { results, traffic } = simulate(
          [0, 0, 1, 1, 2],
          function* (place) {
            const around = table[place.rank]!;
            const slots = around.sources.map(() => new Int32Array(1));
            yield* neighborAllgather(place, around, Int32Array.of(place.rank), slots);
            const own = around.destinations.map((to, i) => Int32Array.of(place.rank, to, i));
            return [slots, yield* neighborAlltoall(place, around, own)] as const;
          },
          { seed },
        );
        expect(traffic.messages).toBe(2 * list.filter(([from, to]) => from !== to).length);
        for (const [rank, [gathered, exchanged]] of results.entries()) {
          const sources = list.filter(([, to]) => to === rank).map(([from]) => from);
          expect(gathered.map(([from]) => from)).toEqual(sources);
          expect(exchanged.map((each) => (each as Int32Array)[0])).toEqual(sources);
          for (const each of exchanged) expect((each as Int32Array)[1]).toBe(rank);
        }
      }),
    );
  });

  test("edges that only one side names are refused, with the side", () => {
    const none: Neighbors = { sources: [], destinations: [] };
    expect(() => checkAdjacent([{ sources: [], destinations: [1] }, none])).toThrow(
      "the edge from rank 0 to 1 is named 1 times more often by its source",
    );
    expect(() => neighborsInGraph([[0, 9]], 0, 2)).toThrow('"edges" must be ranks 0 to 1, got 9');
  });
});
