/** Which rank stands where in a grid: neighbors share a host where that can be. */
import fc from "fast-check";
import { Cartesian } from "../../src/comm/cartesian.ts";
import { placeInGrid } from "../../src/comm/grid-placement.ts";

/** How many hosts, of so many ranks each. */
const equal = (hosts: number, each: number) =>
  Array.from({ length: hosts * each }, (_, rank) => Math.floor(rank / each));

/** Pairs of neighbors on different hosts, counted from each rank's shift. */
function apart(grid: Cartesian, hosts: readonly number[], placed = [...hosts.keys()]): number {
  const hostOf = (place: number) => hosts[placed[place]!];
  let count = 0;
  for (let place = 0; place < grid.size; place++)
    for (const dimension of grid.dims.keys()) {
      const { destination } = grid.shift(place, dimension, 1);
      if (destination >= 0 && hostOf(destination) !== hostOf(place)) count += 1;
    }
  return count;
}

test.each<[string, Cartesian, number[], number, number]>([
  ["8 hosts with 8 ranks, a torus of 8 × 8", new Cartesian([8, 8], true), equal(8, 8), 64, 48],
  ["2 hosts with 8 ranks, 2 × 8", new Cartesian([2, 8]), equal(2, 8), 8, 2],
  ["8 hosts with 8 ranks, 4 × 4 × 4", new Cartesian([4, 4, 4]), equal(8, 8), 64, 48],
  ["a row, where nothing is gained", new Cartesian([12]), equal(3, 4), 2, 2],
  ["ranks that went round the hosts", new Cartesian([6]), [0, 1, 2, 0, 1, 2], 5, 2],
  ["hosts that differ in size", new Cartesian([3, 4]), [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], 8, 6],
  ["one host", new Cartesian([2, 2]), equal(1, 4), 0, 0],
])("%s", (_name, grid, hosts, before, after) => {
  expect(apart(grid, hosts)).toBe(before);
  expect(apart(grid, hosts, placeInGrid(grid, hosts))).toBe(after);
});

test("every rank has one place, no more neighbors are apart than before, and nobody moves for nothing", () => {
  const grids = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 3 }).map(
    (list) =>
      new Cartesian(
        list.map(([dim]) => dim),
        list.map(([, period]) => period),
      ),
  );
  const seating = grids.chain((grid) =>
    fc.tuple(fc.constant(grid), fc.array(fc.nat({ max: 4 }), { minLength: grid.size, maxLength: grid.size })),
  );
  fc.assert(
    fc.property(seating, ([grid, hosts]) => {
      const placed = placeInGrid(grid, hosts);
      const asTheyAre = [...hosts.keys()];
      expect([...placed].sort((a, b) => a - b)).toEqual(asTheyAre);
      const [before, after] = [apart(grid, hosts), apart(grid, hosts, placed)];
      expect(after).toBeLessThanOrEqual(before);
      if (after === before) expect(placed).toEqual(asTheyAre);
    }),
  );
});
