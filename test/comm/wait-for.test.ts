/** Who waits for whom, as pure data: which ranks can never go on, and how that is said. */
import fc from "fast-check";
import { explainDeadlock, type Standing, stuckRanks, type Wait } from "../../src/comm/wait-for.ts";

const none = new Array<number>(20).fill(0);
const counts = { sent: none, taken: none, blocked: [], unreceived: [] };
const waiting = (...waits: Wait[]): Standing => ({ doing: "waiting", waits, any: false, certain: true, ...counts });
const anyOf = (...waits: Wait[]): Standing => ({ ...waiting(...waits), any: true });
const message = (from: number | undefined, tag: number | null): Wait => ({
  for: "message",
  peers: from === undefined ? [] : [from],
  tag,
  context: 0,
  name: "",
});
const receiver = (to: number, tag: number): Wait => ({ for: "receiver", peers: [to], tag, context: 0, name: "" });
const inCollective = (name: string, call: number, ...peers: number[]): Standing =>
  waiting({ for: "collective", peers, tag: call, context: 1, name: `${name} number ${call}` });
const running = undefined;
const finished: Standing = { ...waiting(), doing: "finished" };

describe("a deadlock is explained", () => {
  test.each<[string, (Standing | undefined)[], string, number[], string]>([
    [
      "a receive and a barrier that wait for each other",
      [waiting(message(2, 7)), running, inCollective("barrier", 1, 0)],
      "cycle",
      [0, 2],
      "rank 0 waits for tag 7 from rank 2; rank 2 is in barrier number 1, and needs rank 0 there",
    ],
    [
      "two sends that nobody receives",
      [waiting(receiver(1, 3)), waiting(receiver(0, 4))],
      "cycle",
      [0, 1],
      "rank 0 waits until rank 1 receives tag 3; rank 1 waits until rank 0 receives tag 4",
    ],
    [
      "a ring of receives",
      [waiting(message(1, 0)), waiting(message(2, null)), waiting(message(0, 0)), running],
      "cycle",
      [0, 1, 2],
      "rank 0 waits for tag 0 from rank 1; rank 1 waits for any tag from rank 2; rank 2 waits for tag 0 from rank 0",
    ],
    ["a receive of oneself", [waiting(message(0, 1)), running], "cycle", [0], "rank 0 waits for tag 1 from rank 0"],
    [
      "a receive from a rank that has finished, which sent something else",
      [{ ...waiting(message(1, 7)), unreceived: [{ source: 1, tag: 8, context: 0 }] }, finished],
      "finished",
      [0, 1],
      "rank 0 waits for tag 7 from rank 1 (from which tag 8 has come); rank 1 has finished",
    ],
    [
      "a collective that one rank never calls",
      [inCollective("bcast", 2, 2), inCollective("bcast", 2, 0), finished],
      "finished",
      [0, 2],
      "rank 0 is in bcast number 2, and needs rank 2 there; rank 2 has finished",
    ],
    [
      "different collectives",
      [inCollective("barrier", 3, 2), inCollective("bcast", 3, 0), inCollective("barrier", 3, 1)],
      "mismatch",
      [0, 2, 1],
      "ranks 0 and 2 are in barrier number 3; rank 1 is in bcast number 3: all ranks of a communicator must call its collectives in the same order",
    ],
    [
      "wildcards all around",
      [waiting(message(undefined, 7)), waiting(message(undefined, 8)), finished],
      "stuck",
      [0, 1],
      "rank 0 waits for tag 7 from any rank; rank 1 waits for tag 8 from any rank; the other ranks have finished or wait too",
    ],
    [
      "one of several requests that can't be fulfilled",
      [waiting(message(2, 1), message(1, 2)), waiting(message(0, 3)), running],
      "cycle",
      [0, 1],
      "rank 0 waits for tag 2 from rank 1; rank 1 waits for tag 3 from rank 0",
    ],
    [
      "a full inbox of a rank that has finished",
      [{ ...waiting(receiver(1, 64)), blocked: [1], sent: [0, 64] }, finished],
      "finished",
      [0, 1],
      "rank 0 waits until rank 1 receives tag 64; rank 1 has finished",
    ],
  ])("%s", (_name, standings, kind, ranks, sentence) => {
    expect(explainDeadlock(standings)).toEqual({ kind, ranks, sentence });
  });

  test.each<[string, (Standing | undefined)[]]>([
    ["somebody who runs may still send", [waiting(message(1, 7)), running]],
    ["a chain ends at a running rank", [waiting(message(1, 7)), waiting(message(2, 7)), running]],
    ["a wildcard can be served by any running rank", [waiting(message(undefined, 7)), waiting(message(0, 1)), running]],
    ["one of several is enough", [anyOf(message(1, 0), message(2, 0)), waiting(message(0, 0)), running]],
    ["all have finished", [finished, finished]],
    ["a message is on its way", [waiting(message(1, 7)), { ...waiting(message(0, 7)), sent: [1, 0] }]],
    [
      "the last message of a rank that has finished is on its way",
      [waiting(message(1, 7)), { ...finished, sent: [1] }],
    ],
    ["a time-out will end it", [waiting(message(1, 7)), { ...waiting(message(0, 7)), certain: false }]],
    [
      "what a rank has for others finds no room yet",
      [waiting(message(1, 7)), { ...waiting(message(0, 7)), blocked: [0] }],
    ],
  ])("no alarm: %s", (_name, standings) => {
    expect(explainDeadlock(standings)).toBeUndefined();
  });

  test("counts that have passed 2^32 are compared all the same", () => {
    const [sent, taken] = [Uint32Array.of(2 ** 32 - 1, 0), Uint32Array.of(0, 2 ** 32 - 1)];
    sent[0]!++;
    taken[1]!++;
    const other = { ...waiting(message(0, 7)), sent: [...sent] };
    expect(explainDeadlock([{ ...waiting(message(1, 7)), taken: [...taken] }, other])?.kind).toBe("cycle");
  });

  test("a long list is cut", () => {
    const { kind, ranks, sentence } = explainDeadlock(
      Array.from({ length: 20 }, () => waiting(message(undefined, 1))),
    )!;
    expect(kind).toBe("stuck");
    expect(ranks).toHaveLength(8);
    expect(sentence).toMatch(/so do 12 more ranks$/);
  });
});

describe("in any situation", () => {
  const size = 5;
  const all = [...Array(size).keys()];
  const rank = fc.nat({ max: size - 1 });
  const wait: fc.Arbitrary<Wait> = fc.oneof(
    { weight: 3, arbitrary: rank.map((from) => message(from, 1)) },
    { weight: 1, arbitrary: fc.constant(message(undefined, 1)) },
    { weight: 2, arbitrary: rank.map((to) => receiver(to, 1)) },
    {
      weight: 1,
      arbitrary: fc.subarray(all, { minLength: 1 }).map((peers) => inCollective("barrier", 1, ...peers).waits[0]!),
    },
  );
  const standing: fc.Arbitrary<Standing | undefined> = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(running, finished) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.array(wait, { minLength: 1, maxLength: 3 }), fc.boolean())
        .map(([waits, any]) => ({ ...waiting(...waits), any })),
    },
  );
  const situations = fc.array(standing, { minLength: size, maxLength: size });

  /** Whether a wait ends when these ranks do whatever one could wish. */
  function ends(of: number, { peers }: Wait, able: ReadonlySet<number>): boolean {
    return peers.length === 0 ? [...able].some((other) => other !== of) : peers.every((peer) => able.has(peer));
  }

  test("the stuck are the largest set of waiting ranks that only ranks outside of it could free, and none can", () => {
    fc.assert(
      fc.property(situations, (standings) => {
        const stuck = stuckRanks(standings);
        const frees = (of: number, able: ReadonlySet<number>) => {
          const its = standings[of];
          if (its?.doing !== "waiting") return its === undefined;
          return its.any ? its.waits.some((one) => ends(of, one, able)) : its.waits.every((one) => ends(of, one, able));
        };
        // All sets of ranks that could be stuck together: none is freed by all the others who have not finished.
        let largest = new Set<number>();
        for (let bits = 0; bits < 2 ** size; bits++) {
          const set = new Set(all.filter((i) => (bits >> i) & 1));
          const able = new Set(all.filter((i) => !set.has(i) && standings[i]?.doing !== "finished"));
          const isClosed = [...set].every((i) => standings[i]?.doing === "waiting" && !frees(i, able));
          if (isClosed && set.size > largest.size) largest = set;
        }
        expect([...stuck].sort()).toEqual([...largest].sort());
        const explained = explainDeadlock(standings);
        expect(explained === undefined).toBe(stuck.size === 0);
        if (explained?.kind === "cycle") for (const each of explained.ranks) expect(stuck.has(each)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
