/** How long a rank looks for mail before it sleeps. */
import fc from "fast-check";
import { Patience } from "../../src/comm/patience.ts";

const times = (count: number, what: () => void) => Array.from({ length: count }).forEach(what);

/** A thread that can learn to yield, or can't. */
function crowded(canYield = true) {
  const coreYield = { yields: 0, now: undefined as (() => void) | undefined, open: () => {} };
  if (canYield)
    coreYield.open = () => {
      coreYield.now = () => {
        coreYield.yields += 1;
      };
    };
  return coreYield;
}

test("a rank that shares its core is not patient before it can yield", () => {
  const alone = new Patience();
  const impatient = new Patience(crowded());
  expect(impatient.ms).toBeLessThan(alone.ms);
  times(100, () => impatient.rewarded());
  expect(impatient.ms).toBeLessThan(alone.ms);
});

test("one that has slept often yields between its looks, and is then as patient as one with a core of its own", () => {
  const core = crowded();
  const patience = new Patience(core);
  patience.pause();
  times(1000, () => patience.disappointed());
  expect(core.yields).toBe(0);
  patience.pause();
  expect(core.yields).toBe(1);
  times(1024, () => patience.rewarded());
  expect(patience.ms).toBe(new Patience().ms);
});

test("one whose yields last, because others compute, sleeps instead for most of the time", () => {
  let nowMs = 0;
  const core = { now: undefined as (() => void) | undefined, open() {} };
  const patience = new Patience(core, () => nowMs);
  let lostMs = 0;
  core.now = () => {
    nowMs += 3;
    lostMs += 3;
  };
  for (let i = 0; i < 20_000; i++) {
    nowMs += patience.ms;
    patience.pause();
    patience.rewarded();
  }
  expect(lostMs).toBeGreaterThan(0);
  expect(lostMs / nowMs).toBeLessThan(0.15);
  core.now = () => {};
  nowMs += 1000;
  expect(patience.ms).toBe(new Patience().ms);
});

test("where a thread can't yield, a rank that shares its core is never patient", () => {
  const patience = new Patience(crowded(false));
  times(1000, () => patience.disappointed());
  times(1024, () => patience.rewarded());
  patience.pause();
  expect(patience.ms).toBeLessThan(new Patience().ms);
});

test("one sleep does not make a rank impatient: two that answer each other would then both sleep at every message", () => {
  const patience = new Patience();
  const { ms } = patience;
  times(1000, () => {
    patience.disappointed();
    expect(patience.ms).toBe(ms);
    patience.rewarded();
  });
});

test("a rank that was patient in vain again and again is so more and more seldom", () => {
  const patience = new Patience();
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
      const patience = new Patience();
      const { ms } = patience;
      for (const found of history) found ? patience.rewarded() : patience.disappointed();
      times(1024, () => patience.rewarded());
      expect(patience.ms).toBe(ms);
      times(100, () => patience.rewarded());
      expect(patience.ms).toBe(ms);
    }),
  );
});
