/** Who can be given work, and who comes first. */
import fc from "fast-check";
import { Credits } from "../../src/cluster/credits.ts";

function creditsOf(ranks: number): Credits {
  const credits = new Credits(2);
  for (let rank = 0; rank < ranks; rank++) credits.enter(rank);
  return credits;
}

test("who has fewest comes first, and of those who has waited longest", () => {
  const credits = creditsOf(3);
  credits.given(0);
  expect([...credits]).toEqual([1, 2, 0]);
  credits.given(1);
  credits.given(2);
  credits.given(1);
  expect([...credits]).toEqual([0, 2]);
  credits.returned(2);
  expect(credits.first()).toBe(2);
});

test("who became hungrier is fresh once", () => {
  const credits = creditsOf(2);
  expect(credits.takeFresh()).toEqual([0, 1]);
  credits.given(0);
  credits.given(0);
  expect(credits.takeFresh()).toEqual([]);
  credits.returned(0);
  expect(credits.takeFresh()).toEqual([0]);
  expect(credits.takeFresh()).toEqual([]);
});

test("a lost rank is given nothing, and what comes of its work changes nothing; it comes back with nothing to do", () => {
  const credits = creditsOf(1);
  credits.given(0);
  credits.leave(0);
  credits.returned(0);
  expect([credits.first(), credits.size, credits.has(0), credits.takeFresh()]).toEqual([undefined, 0, false, []]);
  credits.enter(0);
  credits.given(0);
  expect(credits.has(0)).toBe(true);
});

test("it agrees with a count of every rank's assignments, whatever happens", () => {
  const step = fc.record({ rank: fc.nat(4), what: fc.constantFrom("enter", "leave", "given", "returned") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const credits = new Credits(2);
      const loads = new Map<number, number>();
      for (const { rank, what } of steps) {
        const load = loads.get(rank);
        if (what === "enter") loads.set(rank, load ?? 0);
        else if (what === "leave") loads.delete(rank);
        else if (load === undefined || (what === "given" ? load === 2 : load === 0)) continue;
        else loads.set(rank, load + (what === "given" ? 1 : -1));
        credits[what as "enter"](rank);
      }
      const hungry = [...loads].filter(([, load]) => load < 2);
      expect([...credits].sort()).toEqual(hungry.map(([rank]) => rank).sort());
      expect(credits.size).toBe(hungry.length);
      expect(loads.get(credits.first() ?? -1) ?? null).toBe(
        hungry.length > 0 ? Math.min(...hungry.map(([, load]) => load)) : null,
      );
    }),
  );
});
