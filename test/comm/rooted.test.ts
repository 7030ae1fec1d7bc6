import fc from "fast-check";
import { slotsOf } from "../../src/comm/buffers.ts";
import { barrier } from "../../src/comm/collectives/barrier.ts";
import { bcast } from "../../src/comm/collectives/bcast.ts";
import { gather, scatter } from "../../src/comm/collectives/gather.ts";
import type { Data } from "../../src/comm/steps.ts";
import type { Typed } from "./arrays.ts";
import { SMALL_LIMITS, simulate } from "./simulate.ts";
import {
  anyHosts,
  anyOptions,
  doubles,
  hostCount,
  hostMaps,
  onEveryRoot,
  ranksElsewhere,
  variousData,
} from "./worlds.ts";

const lengthOfBcast = SMALL_LIMITS.bcastBytes / 8;
const lengthOfDirect = SMALL_LIMITS.directBytes / 8;

describe.each(hostMaps)("on %s", (_name, hosts) => {
  const ranks = hosts.map((_, rank) => rank);

  test("nobody leaves a barrier before everybody has come", () => {
    for (let seed = 0; seed < 10; seed++) {
      let arrived = 0;
      simulate(
        hosts,
        function* (place) {
          arrived++;
          yield* barrier(place);
          expect(arrived).toBe(place.size);
        },
        { seed, sends: seed % 2 === 0 ? "rendezvous" : "buffered" },
      );
    }
  });

  test("bcast gives every rank the root's array, and every host gets it once", () => {
    for (const length of [0, 1, 9, lengthOfBcast - 1])
      onEveryRoot(hosts, (root, options) => {
        const data = doubles(length, 3);
        const { results, traffic } = simulate(
          hosts,
          (place) =>
            bcast(place, place.rank === root ? data : undefined, root, place.rank % 2 ? doubles(length) : undefined),
          options,
        );
        for (const result of results) expect(Buffer.compare(raw(result), raw(data))).toBe(0);
        expect(traffic.crossBytes).toBe((hostCount(hosts) - 1) * data.byteLength);
        expect(traffic.messages).toBe(hosts.length - 1);
      });
  });

  test("bcast of a long array goes in pieces, and every host gets it once", () => {
    const data = doubles(lengthOfBcast + 5, 3);
    const { results, traffic } = simulate(hosts, (place) =>
      bcast(place, place.rank === hosts.length - 1 ? data : undefined, hosts.length - 1),
    );
    for (const result of results) expect(Buffer.compare(raw(result), raw(data))).toBe(0);
    expect(traffic.crossBytes).toBe((hostCount(hosts) - 1) * data.byteLength);
  });

  test("bcast gives every rank the root's value", () => {
    onEveryRoot(hosts, (root, options) => {
      const value = { words: ["a", "b"], at: new Date(0), array: doubles(3) };
      const { results } = simulate(
        hosts,
        (place) => bcast(place, place.rank === root ? { value } : undefined, root),
        options,
      );
      for (const result of results) expect(result).toEqual({ value });
    });
  });

  test("gather gives the root what every rank has, of any kind and length", () => {
    onEveryRoot(hosts, (root, options) => {
      const due = ranks.map((rank) => variousData(rank, root));
      const { results } = simulate(hosts, (place) => gather(place, due[place.rank]!, root), options);
      for (const rank of ranks) expect(results[rank]).toEqual(rank === root ? due : undefined);
    });
  });

  test("scatter gives every rank what the root has for it, of any kind and length", () => {
    onEveryRoot(hosts, (root, options) => {
      const due = ranks.map((rank) => variousData(rank, root));
      const { results } = simulate(
        hosts,
        (place) => scatter(place, place.rank === root ? due : undefined, root),
        options,
      );
      expect(results).toEqual(due);
    });
  });

  test("gather and scatter fill buffers, in place at the root", () => {
    for (const length of [0, 5, lengthOfDirect])
      onEveryRoot(hosts, (root, options) => {
        const whole = doubles(hosts.length * length, 2);
        const shares = slotsOf(whole, hosts.length);
        const gathered = new Float64Array(whole.length);
        simulate(
          hosts,
          function* (place) {
            const mine = new Float64Array(length);
            const isRoot = place.rank === root;
            const into = isRoot ? shares[root]! : mine;
            const got = yield* scatter(place, isRoot ? shares : undefined, root, into);
            expect(got).toBe(into);
            const slots = isRoot ? slotsOf(gathered, place.size) : undefined;
            if (isRoot) (slots![root] as Float64Array).set(shares[root] as Float64Array);
            yield* gather(place, isRoot ? undefined : mine, root, slots);
          },
          options,
        );
        expect(Buffer.compare(raw(gathered), raw(whole))).toBe(0);
      });
  });

  test("heavy blocks cross hosts once and untouched", () => {
    onEveryRoot(hosts, (root, options) => {
      const bytes = 8 * lengthOfDirect;
      const crossing = ranksElsewhere(hosts, root) * bytes;
      const { traffic } = simulate(hosts, (place) => gather(place, doubles(lengthOfDirect), root), options);
      const back = simulate(
        hosts,
        (place) => scatter(place, place.rank === root ? hosts.map(() => doubles(lengthOfDirect)) : undefined, root),
        options,
      ).traffic;
      // The empty bundles of the heads (8 + 16 bytes a rank) go with them.
      const heads = crossing > 0 ? 24 * hosts.length : 0;
      for (const { crossBytes } of [traffic, back]) {
        expect(crossBytes).toBeGreaterThanOrEqual(crossing);
        expect(crossBytes).toBeLessThanOrEqual(crossing + heads);
      }
    });
  });

  test("light blocks of a host cross in one message", () => {
    onEveryRoot(hosts, (root, options) => {
      const { traffic } = simulate(hosts, (place) => gather(place, doubles(3, place.rank), root), options);
      expect(traffic.crossMessages).toBe(hostCount(hosts) - 1);
      const data = hosts.map((_, rank) => doubles(3, rank));
      const back = simulate(hosts, (place) => scatter(place, place.rank === root ? data : undefined, root), options);
      expect(back.traffic.crossMessages).toBe(hostCount(hosts) - 1);
    });
  });
});

describe("on any hosts and in any order of events", () => {
  test("a program of rooted collectives gives what its definition says", () => {
    fc.assert(
      fc.property(anyHosts, anyOptions, fc.array(fc.nat(), { maxLength: 4 }), (hosts, options, roots) => {
        const { results } = simulate(
          hosts,
          function* (place) {
            const seen: unknown[] = [];
            for (const each of roots) {
              const root = each % place.size;
              const all = yield* gather(place, variousData(place.rank, each), root);
              const mine = yield* scatter(place, all && [...all].reverse(), root);
              seen.push(yield* bcast(place, place.rank === root ? mine : undefined, root));
              yield* barrier(place);
            }
            return seen;
          },
          options,
        );
        const due = roots.map((each) => variousData(hosts.length - 1 - (each % hosts.length), each));
        for (const result of results) expect(result).toEqual(due);
      }),
      { numRuns: 60 },
    );
  });

  test("buffers of the wrong length and values where arrays are due are refused", () => {
    const on = (body: Parameters<typeof simulate>[1]) => () => simulate([0, 0], body);
    expect(on((place) => bcast(place, place.rank ? undefined : doubles(2), 0, doubles(3)))).toThrow(
      "bcast: 16 bytes came for a buffer of 24",
    );
    expect(on((place) => bcast(place, place.rank ? undefined : { value: 7 }, 0, doubles(3)))).toThrow(
      "a value came (7) where an array",
    );
    expect(on((place) => bcast(place, undefined, 0))).toThrow("the root has no data");
    expect(on((place) => scatter(place, [doubles(1)], 0))).toThrow(
      '"parcels" must be a list of one for each of 2 ranks',
    );
    expect(() => slotsOf(doubles(5), 2)).toThrow("5 elements can't be shared equally by 2 ranks");
    expect(() => slotsOf(doubles(5), 2, [3, 3])).toThrow("rank 1's place (3 elements from 3) lies outside");
    expect(slotsOf(doubles(5), 2, [1, 2], [4, 0]).map((slot) => [...(slot as Float64Array)])).toEqual([[4], [0, 1]]);
  });
});

function raw(data: Data | Typed): Uint8Array {
  const view = data as Uint8Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
