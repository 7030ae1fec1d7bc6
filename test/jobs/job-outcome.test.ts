/** The outcome of a job: the first one counts, and the promise waits for `settle`. */
import { JobOutcome } from "../../src/cluster/job-outcome.ts";
import { JobCancelledError } from "../../src/errors.ts";
import { quiet } from "./played-star.ts";

const rejected = (outcome: JobOutcome<unknown>) =>
  outcome.result.then(
    () => Promise.reject(new Error("it has a result")),
    (error: unknown) => error as JobCancelledError,
  );

describe("the first outcome counts", () => {
  const ways = {
    succeed: (outcome: JobOutcome<unknown>) => outcome.succeed("value"),
    fail: (outcome: JobOutcome<unknown>) => outcome.fail(new Error("failure")),
    cancel: (outcome: JobOutcome<unknown>) => outcome.cancel("a reason"),
  };
  const names = Object.keys(ways) as (keyof typeof ways)[];
  test.each(names.flatMap((first) => names.map((second) => [first, second] as const)))(
    "%s, then %s",
    async (first, second) => {
      const outcome = new JobOutcome("k#1");
      expect(outcome.isDecided).toBe(false);
      expect(ways[first](outcome)).toBe(true);
      const { error } = outcome;
      expect(ways[second](outcome)).toBe(false);
      expect([outcome.isDecided, outcome.error]).toEqual([true, error]);
      outcome.settle([]);
      const end = await outcome.result.catch((reason: unknown) => reason);
      expect(end).toBe(first === "succeed" ? "value" : error);
    },
  );
});

test("the promise stays open until the outcome is settled", async () => {
  const outcome = new JobOutcome<number>("k#1");
  let settled = false;
  void outcome.result.then(() => {
    settled = true;
  });
  outcome.succeed(7);
  await quiet();
  expect(settled).toBe(false);
  outcome.settle([]);
  expect(await outcome.result).toBe(7);
});

test("an undefined error is a failure all the same", async () => {
  const outcome = new JobOutcome("k#1");
  outcome.fail(undefined);
  outcome.settle([]);
  await expect(outcome.result).rejects.toBeUndefined();
});

describe("a cancelled job names the ranks that did not stop by themselves", () => {
  test.each([
    [[], false, "job k#1 was cancelled: enough."],
    [[2], false, /forced: rank 2 did not stop within the grace and lost the compute thread\. Look at cancelRequested/],
    [[0, 2], false, /forced: ranks 0, 2 did not stop within the grace/],
    [[0, 2], true, "job k#1 was cancelled: enough. It was forced: ranks 0, 2 lost the compute thread."],
  ] as const)("%j, by force: %p", async (ranks, byForce, words) => {
    const outcome = new JobOutcome("k#1");
    const cause = new Error("cause");
    outcome.cancel("enough", cause);
    if (byForce) outcome.force();
    outcome.settle(ranks);
    const error = await rejected(outcome);
    expect(error).toBeInstanceOf(JobCancelledError);
    expect(error).toMatchObject({ reason: "enough", forcedRanks: ranks, cause });
    expect((error as Error).message).toMatch(words);
  });
});

test("a failure says nothing of forced ranks", async () => {
  const outcome = new JobOutcome("k#1");
  const failure = new Error("boom");
  outcome.fail(failure);
  outcome.settle([1]);
  expect(await rejected(outcome)).toBe(failure);
});
