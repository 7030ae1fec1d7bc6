import fc from "fast-check";
import { ANY_SOURCE, ANY_TAG } from "../../src/comm/matching.ts";
import { type Doing, explainDeadlock, type RankStatus, stuckRanks, type Wait } from "../../src/comm/wait-for.ts";

const world = [0, 1, 2];
const waiting = (...on: Wait[]): RankStatus => ({ doing: { is: "waiting", on } });
const message = (from: number, tag: number): Wait => ({ for: "message", from, tag });
const receiver = (to: number, tag: number): Wait => ({ for: "receiver", to, tag });
const collective = (name: string, number: number, members = world): Wait => ({
  for: "collective",
  name,
  number,
  context: 0,
  members,
});
/** A rank in its n-th collective. */
const inCollective = (name: string, number: number, members = world): RankStatus => ({
  ...waiting(collective(name, number, members)),
  begun: new Map([[0, number]]),
});
const running: RankStatus = { doing: { is: "running" } };
const finished: RankStatus = { doing: { is: "finished" } };

describe("a deadlock is explained", () => {
  test.each<[string, RankStatus[], string, number[], string]>([
    [
      "a receive and a barrier that wait for each other",
      [waiting(message(2, 7)), running, inCollective("barrier", 1, [0, 2])],
      "cycle",
      [0, 2],
      "rank 0 waits for tag 7 from rank 2; rank 2 is in barrier, which rank 0 has not called",
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
      [waiting(message(1, 0)), waiting(message(2, ANY_TAG)), waiting(message(0, 0)), running],
      "cycle",
      [0, 1, 2],
      "rank 0 waits for tag 0 from rank 1; rank 1 waits for any tag from rank 2; rank 2 waits for tag 0 from rank 0",
    ],
    ["a receive of oneself", [waiting(message(0, 1)), running], "cycle", [0], "rank 0 waits for tag 1 from rank 0"],
    [
      "a receive from a rank that has finished",
      [waiting(message(1, 7)), finished],
      "finished",
      [0, 1],
      "rank 0 waits for tag 7 from rank 1; rank 1 has finished",
    ],
    [
      "a collective that one rank never calls",
      [inCollective("bcast", 2), inCollective("bcast", 2), { ...finished, begun: new Map([[0, 1]]) }],
      "finished",
      [0, 2],
      "rank 0 is in bcast; rank 2 has finished",
    ],
    [
      "different collectives",
      [inCollective("barrier", 3), running, inCollective("bcast", 3)],
      "mismatch",
      [0, 2],
      "rank 0 is in barrier; rank 2 is in bcast: all ranks of a communicator must call its collectives in the same order",
    ],
    [
      "wildcards all around",
      [waiting(message(ANY_SOURCE, 7)), waiting(message(ANY_SOURCE, 8)), finished],
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
  ])("%s", (_name, statuses, kind, ranks, sentence) => {
    expect(explainDeadlock(statuses)).toEqual({ kind, ranks, sentence });
  });

  test.each<[string, RankStatus[]]>([
    ["somebody who runs may still send", [waiting(message(1, 7)), running]],
    ["a chain ends at a running rank", [waiting(message(1, 7)), waiting(message(2, 7)), running]],
    [
      "a wildcard can be served by any running rank",
      [waiting(message(ANY_SOURCE, 7)), waiting(message(0, 1)), running],
    ],
    [
      "one of several is enough",
      [{ doing: { is: "waiting", on: [message(1, 0), message(2, 0)], any: true } }, waiting(message(0, 0)), running],
    ],
    [
      "who has been in the collective may do something else",
      [inCollective("bcast", 1), { ...finished, begun: new Map([[0, 1]]) }, { ...finished, begun: new Map([[0, 2]]) }],
    ],
    ["all have finished", [finished, finished]],
  ])("no alarm: %s", (_name, statuses) => {
    expect(explainDeadlock(statuses)).toBeUndefined();
  });

  test("a long list is cut", () => {
    const statuses = Array.from({ length: 20 }, () => waiting(message(ANY_SOURCE, 1)));
    const { kind, ranks, sentence } = explainDeadlock(statuses)!;
    expect(kind).toBe("stuck");
    expect(ranks).toHaveLength(8);
    expect(sentence).toMatch(/so do 12 more ranks$/);
  });
});

describe("in any situation", () => {
  const size = 5;
  const rank = fc.nat({ max: size - 1 });
  const wait: fc.Arbitrary<Wait> = fc.oneof(
    { weight: 3, arbitrary: rank.map((from) => message(from, 1)) },
    { weight: 1, arbitrary: fc.constant(message(ANY_SOURCE, 1)) },
    { weight: 2, arbitrary: rank.map((to) => receiver(to, 1)) },
    { weight: 1, arbitrary: fc.constant(collective("barrier", 1, [0, 1, 2, 3, 4])) },
  );
  const doing: fc.Arbitrary<Doing> = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<Doing>({ is: "running" }, { is: "finished" }) },
    {
      weight: 4,
      arbitrary: fc.record({
        is: fc.constant("waiting" as const),
        on: fc.array(wait, { minLength: 1, maxLength: 3 }),
        any: fc.boolean(),
      }),
    },
  );
  const situations = fc.array(doing, { minLength: size, maxLength: size }).map((list): RankStatus[] =>
    list.map((each) => ({
      doing: each,
      begun: new Map(each.is === "waiting" && each.on.some((one) => one.for === "collective") ? [[0, 1]] : []),
    })),
  );

  /** Whether a wait ends when these ranks do whatever one could wish. */
  function ends(statuses: readonly RankStatus[], of: number, each: Wait, able: ReadonlySet<number>): boolean {
    if (each.for === "receiver") return able.has(each.to);
    if (each.for === "message")
      return each.from === ANY_SOURCE ? [...able].some((other) => other !== of) : able.has(each.from);
    return each.members.every((member) => able.has(member) || statuses[member]!.begun!.has(0));
  }

  test("the stuck are the largest set of waiting ranks that only ranks outside of it could free, and none can", () => {
    fc.assert(
      fc.property(situations, (statuses) => {
        const stuck = stuckRanks(statuses);
        const frees = (of: number, able: ReadonlySet<number>) => {
          const { doing: it } = statuses[of]!;
          if (it.is !== "waiting") return it.is === "running";
          return it.any
            ? it.on.some((one) => ends(statuses, of, one, able))
            : it.on.every((one) => ends(statuses, of, one, able));
        };
        // All sets of ranks that could be stuck together: none is freed by all the others who have not finished.
        let largest = new Set<number>();
        for (let bits = 0; bits < 2 ** size; bits++) {
          const set = new Set([...Array(size).keys()].filter((i) => (bits >> i) & 1));
          const able = new Set(
            [...Array(size).keys()].filter((i) => !set.has(i) && statuses[i]!.doing.is !== "finished"),
          );
          const isClosed = [...set].every((i) => statuses[i]!.doing.is === "waiting" && !frees(i, able));
          if (isClosed && set.size > largest.size) largest = set;
        }
        expect([...stuck].sort()).toEqual([...largest].sort());
        const explained = explainDeadlock(statuses);
        expect(explained === undefined).toBe(stuck.size === 0);
        if (explained?.kind === "cycle") for (const each of explained.ranks) expect(stuck.has(each)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
