import fc from "fast-check";
import { slotsOf } from "../../src/comm/buffers.ts";
import { allgather } from "../../src/comm/collectives/allgather.ts";
import { alltoall } from "../../src/comm/collectives/alltoall.ts";
import type { Data } from "../../src/comm/steps.ts";
import { arrayTypes, randomArray } from "./arrays.ts";
import { SMALL_LIMITS, simulate } from "./simulate.ts";
import { anyHosts, anyOptions, hostCount, hostMaps, ranksElsewhere, variousData } from "./worlds.ts";

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe.each(hostMaps)("on %s", (_name, hosts) => {
  const ranks = hosts.map((_, rank) => rank);
  /** Pairs of ranks on different hosts: blocks that must cross in alltoall. */
  const crossingPairs = total(ranks.map((rank) => ranksElsewhere(hosts, rank)));
  /** Blocks that must cross in allgather: each host needs those of all others once. */
  const crossingBlocks = total([...new Set(hosts)].map((host) => hosts.filter((other) => other !== host).length));

  test("allgather of equal arrays of every type fills every rank's buffer, in place too, and blocks cross once", () => {
    for (const [i, Type] of arrayTypes.entries())
      for (const length of [0, 1, 3, 40]) {
        const blocks = ranks.map((rank) => randomArray(Type, length, rank));
        const { results, traffic } = simulate(
          hosts,
          function* (place) {
            const whole = new Type(place.size * length);
            const slots = slotsOf(whole, place.size);
            const inPlace = i % 2 === 0;
            if (inPlace) (slots[place.rank] as Float64Array).set(blocks[place.rank] as Float64Array);
            yield* allgather(place, inPlace ? undefined : blocks[place.rank], { slots, uniform: true });
            return whole;
          },
          { seed: i + length, sends: i % 3 === 0 ? "buffered" : "rendezvous" },
        );
        const due = blocks.flatMap((block) => [...block]);
        for (const result of results) expect([...result]).toEqual(due);
        const isBruckOverHosts =
          hostCount(hosts) === hosts.length && due.length * Type.BYTES_PER_ELEMENT < SMALL_LIMITS.allgatherBytes;
        if (!isBruckOverHosts || hosts.length < 4)
          expect(traffic.crossBytes).toBe(crossingBlocks * length * Type.BYTES_PER_ELEMENT);
      }
  });

  test("allgather gives new arrays of equal length when no buffer is given, and scattered slots are filled", () => {
    const due = ranks.map((rank) => Float32Array.of(rank, -rank));
    const { results } = simulate(hosts, (place) => allgather(place, due[place.rank], { uniform: true }));
    for (const result of results) expect(result).toEqual(due);
    const { results: inSlots } = simulate(hosts, function* (place) {
      const slots = ranks.map(() => new Float32Array(2));
      const given = yield* allgather(place, due[place.rank], { slots, uniform: true });
      return given.every((each, rank) => each === slots[rank]) ? slots : "other arrays";
    });
    for (const slots of inSlots) expect(slots).toEqual(due);
  });

  test("allgather gives every rank what every rank has, of any kind and length", () => {
    for (let seed = 0; seed < 12; seed++) {
      const due = ranks.map((rank) => variousData(rank, seed));
      const { results, traffic } = simulate(hosts, (place) => allgather(place, due[place.rank]), { seed });
      for (const result of results) expect(result).toEqual(due);
      expect(traffic.crossMessages).toBe(hostCount(hosts) * (hostCount(hosts) - 1));
    }
  });

  test("alltoall of equal arrays fills every rank's buffer; heavy blocks cross once, light ones in one message per pair of hosts", () => {
    for (const [i, Type] of arrayTypes.entries())
      for (const length of [0, 1, 7, 64]) {
        const matrix = ranks.map((rank) => randomArray(Type, length * ranks.length, rank + i));
        const { results, traffic } = simulate(
          hosts,
          function* (place) {
            const whole = new Type(place.size * length);
            yield* alltoall(place, slotsOf(matrix[place.rank]!, place.size), {
              slots: slotsOf(whole, place.size),
              uniform: true,
            });
            return whole;
          },
          { seed: i, sends: i % 2 === 0 ? "buffered" : "rendezvous" },
        );
        for (const [rank, result] of results.entries())
          expect([...result]).toEqual(matrix.flatMap((row) => [...row.slice(rank * length, (rank + 1) * length)]));
        const bytes = length * Type.BYTES_PER_ELEMENT;
        if (bytes >= SMALL_LIMITS.directBytes) expect(traffic.crossBytes).toBe(crossingPairs * bytes);
        else expect(traffic.crossMessages).toBe(hostCount(hosts) * (hostCount(hosts) - 1));
      }
  });

  test("alltoall gives every rank what each has for it, of any kind and length", () => {
    for (let seed = 0; seed < 6; seed++) {
      const matrix = ranks.map((row) => ranks.map((column) => variousData(row * 3 + column, seed)));
      const { results } = simulate(hosts, (place) => alltoall(place, matrix[place.rank]!), {
        seed,
        sends: seed % 2 === 0 ? "buffered" : "rendezvous",
      });
      for (const rank of ranks) expect(results[rank]).toEqual(matrix.map((row) => row[rank]));
    }
  });
});

describe("on any hosts and in any order of events", () => {
  test("a program of exchanges gives what its definition says", () => {
    fc.assert(
      fc.property(anyHosts, anyOptions, fc.integer({ min: 0, max: 100 }), (hosts, options, seed) => {
        const size = hosts.length;
        const { results } = simulate(
          hosts,
          function* (place) {
            const first = yield* allgather(place, variousData(place.rank, seed));
            const second = yield* alltoall(place, first);
            const block = Int32Array.of(place.rank, seed);
            const third = yield* allgather(place, block, { uniform: true });
            return [second, third] satisfies (readonly Data[])[];
          },
          options,
        );
        for (const [rank, [second, third]] of results.entries()) {
          expect(second).toEqual(hosts.map(() => variousData(rank, seed)));
          expect(third).toEqual(Array.from({ length: size }, (_, from) => Int32Array.of(from, seed)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a result never shares memory with what was sent", () => {
    const own = [Int8Array.of(1), Int8Array.of(2)];
    const { results } = simulate([0, 0], function* (place) {
      const all = yield* allgather(place, own[place.rank]);
      const swapped = yield* alltoall(place, [own[place.rank]!, own[place.rank]!]);
      return [...all, ...swapped];
    });
    for (const list of results) for (const each of list) (each as Int8Array)[0] = 99;
    expect(own).toEqual([Int8Array.of(1), Int8Array.of(2)]);
  });

  test("a list of the wrong length is refused", () => {
    expect(() => simulate([0, 0], (place) => alltoall(place, [Int8Array.of(1)]))).toThrow("one for each of 2 ranks");
    expect(() => simulate([0, 0], (place) => allgather(place, undefined))).toThrow("this rank has no data");
  });
});
