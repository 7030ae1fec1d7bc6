/** What the page says of ranks that wait for each other. */
import { explainWaits, type Waiter } from "../../src/inspector/page/waits.ts";

const ranks = (...waits: (string | undefined)[]): Waiter[] =>
  waits.map((waitsFor, rank) => ({ rank, state: "computing", ...(waitsFor !== undefined && { waitsFor }) }));

test("while enough ranks work nobody is called stuck", () => {
  expect(explainWaits([])).toBeUndefined();
  expect(explainWaits(ranks(undefined, undefined, undefined))).toBeUndefined();
  expect(explainWaits(ranks("waits for tag 1 from rank 1", undefined))).toBeUndefined();
  expect(explainWaits(ranks("is in barrier number 1", "is in barrier number 1", undefined, undefined))).toBeUndefined();
});

test("the one that is missing at a collective is named", () => {
  const there = "is in barrier number 3";
  expect(explainWaits(ranks(there, there, there, undefined, there))).toEqual({
    headline: "Stuck? rank 3 keeps the others waiting.",
    lines: ["ranks 0, 1, 2, 4: each is in barrier number 3"],
  });
});

test("a ring of ranks that wait for each other is shown along the ring", () => {
  const all = ranks("waits for tag 1 from rank 2", "waits for tag 1 from rank 0", "waits until rank 1 receives tag 9");
  expect(explainWaits(all)).toEqual({
    headline: "Stuck? These ranks wait for each other in a ring.",
    lines: [
      "rank 0 waits for tag 1 from rank 2",
      "rank 2 waits until rank 1 receives tag 9",
      "rank 1 waits for tag 1 from rank 0",
    ],
  });
});

test("where there is no ring all who wait are listed, those who wait for the same together", () => {
  const all = ranks("is in allreduce number 2", "is in barrier number 2", "is in allreduce number 2");
  expect(explainWaits(all)).toEqual({
    headline: "Stuck? All ranks that have work wait.",
    lines: ["ranks 0, 2: each is in allreduce number 2", "rank 1 is in barrier number 2"],
  });
});

test("a rank that is lost, or has no work, keeps nobody waiting", () => {
  const [one, two, three] = ranks("waits for tag 1 from rank 1", undefined, undefined);
  expect(explainWaits([one!, { ...two!, lost: "killed" }, { ...three!, state: "idle" }])?.headline).toMatch(
    /All ranks/,
  );
});
