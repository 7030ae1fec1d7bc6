/** How long a rank looks for mail before it sleeps. */
import fc from "fast-check";
import { Patience } from "../../src/comm/patience.ts";

const times = (count: number, what: () => void) => Array.from({ length: count }).forEach(what);

test("without a core of its own a rank is never patient", () => {
  const alone = new Patience(true);
  const crowded = new Patience(false);
  expect(crowded.ms).toBeLessThan(alone.ms);
  times(100, () => crowded.rewarded());
  expect(crowded.ms).toBeLessThan(alone.ms);
});

test("one sleep does not make a rank impatient: two that answer each other would then both sleep at every message", () => {
  const patience = new Patience(true);
  const { ms } = patience;
  times(1000, () => {
    patience.disappointed();
    expect(patience.ms).toBe(ms);
    patience.rewarded();
  });
});

test("a rank that was patient in vain again and again is so more and more seldom", () => {
  const patience = new Patience(true);
  const { ms } = patience;
  let long = 0;
  times(20_000, () => {
    if (patience.ms === ms) long += 1;
    patience.disappointed();
  });
  expect(long).toBeLessThan(1000);
});

test("whatever happened, a rank becomes patient again, and stays so while that is rewarded", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 2000 }), (history) => {
      const patience = new Patience(true);
      const { ms } = patience;
      for (const found of history) found ? patience.rewarded() : patience.disappointed();
      times(1024, () => patience.rewarded());
      expect(patience.ms).toBe(ms);
      times(100, () => patience.rewarded());
      expect(patience.ms).toBe(ms);
    }),
  );
});
