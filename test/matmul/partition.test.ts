import fc from "fast-check";
import {
  idealTraffic,
  type Partition,
  type ProductShape,
  partition,
  trafficByHost,
  trafficLowerBound,
} from "../../src/kernels/matmul/partition.ts";
import { isShared } from "../../src/kernels/share.ts";
import { randomMatrix } from "./reference.ts";
import { partsOf } from "./run-kernel.ts";

const sized = (m: number, k: number, n: number): ProductShape => ({ m, k, n, aBytes: 8, bBytes: 8, cBytes: 8 });
const areaOf = (block: Partition["blocks"][number]) => (block.row1 - block.row0) * (block.col1 - block.col0);
const hostsOf = (counts: readonly number[]) => counts.flatMap((count, h) => Array<string>(count).fill(`host${h}`));
const someHosts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 7 }).map(hostsOf);

test("every element belongs to exactly one block, and a rank has at most one", () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    someHosts,
    (m, n, hosts) => {
      const owners = new Uint8Array(m * n);
      const { blocks } = partition(sized(m, 5, n), hosts);
      for (const { row0, row1, col0, col1 } of blocks)
        for (let i = row0; i < row1; i++) for (let j = col0; j < col1; j++) owners[i * n + j]!++;
      expect(owners.every((count) => count === 1)).toBe(true);
      expect(new Set(blocks.map(({ rank }) => rank)).size).toBe(blocks.length);
      expect(blocks.every((block) => areaOf(block) > 0 && block.rank < hosts.length)).toBe(true);
    },
  );
  fc.assert(law, { numRuns: 200 });
});

test("all ranks work, and no block is much larger than its share, for any number of ranks", () => {
  const law = fc.property(
    fc.integer({ min: 200, max: 900 }),
    fc.integer({ min: 200, max: 900 }),
    someHosts,
    (m, n, hosts) => {
      const { blocks } = partition(sized(m, 100, n), hosts);
      expect(blocks.length).toBe(hosts.length);
      expect((Math.max(...blocks.map(areaOf)) * hosts.length) / (m * n)).toBeLessThan(1.25);
    },
  );
  fc.assert(law, { numRuns: 100 });
});

test("fewer elements than ranks keep as many ranks busy as there are elements", () => {
  expect(partition(sized(1, 9, 3), hostsOf([7])).blocks.map(areaOf)).toEqual([1, 1, 1]);
  expect(partition(sized(3, 9, 1), hostsOf([2, 2, 2])).blocks.map(areaOf)).toEqual([1, 1, 1]);
  expect(partition(sized(1, 9, 1000), hostsOf([4])).blocks.map(areaOf)).toEqual([250, 250, 250, 250]);
});

test("hosts get near-squares: four a 2×2 grid, prime numbers of them columns of different heights", () => {
  const panels = (hosts: number, ranks: number) => {
    const names = hostsOf(Array(hosts).fill(ranks));
    return trafficLowerBound(partition(sized(1200, 1, 1200), names), names) / 8;
  };
  expect(panels(4, 4)).toBe(4 * (600 + 600));
  expect(panels(9, 2)).toBe(9 * (400 + 400));
  // Columns of 2 and 3 hosts: widths 480 and 720 for each of their hosts, heights 2 × 1200 in all. Five strips would be 7200.
  expect(panels(5, 3)).toBe(2 * 480 + 3 * 720 + 2 * 1200);
});

test("a product and its transpose cost the same", () => {
  const law = fc.property(
    fc.integer({ min: 300, max: 900 }),
    fc.integer({ min: 300, max: 900 }),
    someHosts,
    (m, n, hosts) => {
      const traffic = (shape: ProductShape) => trafficLowerBound(partition(shape, hosts), hosts);
      expect(traffic(sized(m, 100, n))).toBe(traffic(sized(n, 100, m)));
    },
  );
  fc.assert(law, { numRuns: 100 });
});

test("long products and narrow element types are cut along the cheaper side", () => {
  const four = hostsOf([1, 1, 1, 1]);
  const strips = partition(sized(4000, 10, 40), four).blocks;
  expect(strips.map(({ col0, col1 }) => [col0, col1])).toEqual(Array(4).fill([0, 40]));
  const cheapB = partition({ ...sized(400, 10, 400), bBytes: 1 }, four).blocks;
  expect(cheapB.map(({ col0, col1 }) => [col0, col1])).toEqual(Array(4).fill([0, 400]));
});

test("the panels that hosts need are within a quarter of what no partition can go below", () => {
  const law = fc.property(
    fc.integer({ min: 300, max: 900 }),
    fc.integer({ min: 300, max: 900 }),
    someHosts,
    (m, n, hosts) => {
      const shape = sized(m, 100, n);
      const bound = trafficLowerBound(partition(shape, hosts), hosts);
      expect(bound / idealTraffic(shape, hosts)).toBeGreaterThan(0.999);
      expect(bound / idealTraffic(shape, hosts)).toBeLessThan(1.25);
    },
  );
  fc.assert(law, { numRuns: 200 });
});

test("what scatter shares reaches each host once, and is exactly the lower bound of its partition", () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 30 }),
    someHosts,
    (m, n, hosts) => {
      const [a, b] = [randomMatrix(m, 4, "int16", 1), randomMatrix(4, n, "float64", 2)];
      const panels = new Map<string, Set<ArrayBufferView>>();
      for (const { rank, part } of partsOf({ a, b }, hosts)) {
        const own = panels.get(hosts[rank]!) ?? new Set();
        panels.set(hosts[rank]!, own);
        for (const slice of [...part.a, ...part.b]) own.add(slice);
        expect([...part.a, ...part.b].every(isShared)).toBe(true);
      }
      const plan = partition({ m, k: 4, n, aBytes: 2, bBytes: 8, cBytes: 8 }, hosts);
      const sent = [...panels.values()].flatMap((own) => [...own]).reduce((sum, slice) => sum + slice.byteLength, 0);
      expect(sent).toBe(trafficLowerBound(plan, hosts));
      expect([...trafficByHost(plan, hosts).values()].reduce((sum, { blockBytes }) => sum + blockBytes, 0)).toBe(
        m * n * 8,
      );
    },
  );
  fc.assert(law, { numRuns: 100 });
});
