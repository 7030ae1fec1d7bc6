/**
 * Which rank stands where in a grid, so that few neighbors are on different hosts: MPI_Cart_create's `reorder`. Every rank finds the
 * same without a word, from the hosts of all.
 *
 * Row by row, a host's ranks make a strip; as a block they have fewer neighbors outside. So blocks of every shape that tiles the grid
 * are tried, filled block after block and host after host, and the one with the fewest neighbors apart is taken (Gropp, "Using node and
 * socket information to implement MPI Cartesian topologies", 2018; there the ranks of a host fill one block, here hosts may differ in size).
 */
import { Cartesian } from "./cartesian.ts";

/**
 * @param hosts the host of each rank that the grid is made of
 * @returns for each place of the grid, row by row, which of these ranks stands there; unchanged where nothing is gained
 */
export function placeInGrid(grid: Cartesian, hosts: readonly number[]): number[] {
  const asTheyAre = [...hosts.keys()];
  const byHost = [...new Set(hosts)].flatMap((host) => asTheyAre.filter((rank) => hosts[rank] === host));
  const edges = edgesOf(grid);
  const apart = (ranks: readonly number[]) => edges.filter(([a, b]) => hosts[ranks[a]!] !== hosts[ranks[b]!]).length;
  let best = asTheyAre;
  let fewest = apart(best);
  for (const block of tiles(grid.dims)) {
    const ranks = new Array<number>(grid.size);
    for (const [i, place] of placesByBlock(grid, block).entries()) ranks[place] = byHost[i]!;
    const count = apart(ranks);
    if (count < fewest) [best, fewest] = [ranks, count];
  }
  return best;
}

/** Each place and its neighbor above, in each dimension. */
function edgesOf(grid: Cartesian): [number, number][] {
  const places = [...Array(grid.size).keys()];
  return places.flatMap((place) => {
    const { destinations } = grid.neighbors(place);
    return destinations.filter((to, i) => i % 2 === 1 && to >= 0).map((to): [number, number] => [place, to]);
  });
}

/** The shapes of blocks that fill a grid without rest. */
function tiles([dim, ...others]: readonly number[]): number[][] {
  if (dim === undefined) return [[]];
  const divisors = [...Array(dim).keys()].map((i) => i + 1).filter((size) => dim % size === 0);
  const rest = tiles(others);
  return divisors.flatMap((size) => rest.map((sizes) => [size, ...sizes]));
}

/** All places of a grid: block after block, row by row, and so within each. */
function placesByBlock(grid: Cartesian, block: readonly number[]): number[] {
  const inner = new Cartesian(block);
  const outer = new Cartesian(grid.dims.map((dim, i) => dim / block[i]!));
  const within = [...Array(inner.size).keys()].map((place) => inner.coords(place));
  return [...Array(outer.size).keys()].flatMap((place) => {
    const first = outer.coords(place).map((coordinate, i) => coordinate * block[i]!);
    return within.map((coords) => grid.rank(coords.map((coordinate, i) => first[i]! + coordinate)));
  });
}
