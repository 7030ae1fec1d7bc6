/** Which job is meant by what a person typed. */
import fc from "fast-check";
import type { JobSnapshot } from "../../src/cluster/job.ts";
import { SteerError } from "../../src/steer/steer-error.ts";
import { type Candidate, choose, parseTarget, uniqueName } from "../../src/steer/target.ts";

const job = (pid: number, id: string, phase: Candidate["phase"] = "running", cluster = 1): Candidate => ({
  pid,
  cluster,
  job: id,
  phase,
  snapshot: {} as JobSnapshot,
});
const chosen = (jobs: readonly Candidate[], typed?: string) => choose(jobs, parseTarget(typed), typed);

test.each([
  [undefined, {}],
  ["primeSearch#3", { job: "primeSearch#3" }],
  ["prime", { job: "prime" }],
  ["primeSearch#3:2", { job: "primeSearch#3", rank: 2 }],
  ["4242:primeSearch#3:2", { pid: 4242, job: "primeSearch#3", rank: 2 }],
  ["4242/2:primeSearch#3", { pid: 4242, cluster: 2, job: "primeSearch#3" }],
  ["4242", { pid: 4242 }],
  ["my:kernel#1", { job: "my:kernel#1" }],
])("%s is taken apart", (typed, expected) => {
  expect(parseTarget(typed)).toEqual({
    pid: undefined,
    cluster: undefined,
    job: undefined,
    rank: undefined,
    ...expected,
  });
});

test("what can't be a job's name is refused", () => {
  expect(() => parseTarget("a b")).toThrow("names no job");
});

test("a whole id is meant before the beginning of another, and what runs before what is over", () => {
  const jobs = [job(1, "squares#1", "over"), job(1, "squares#10"), job(1, "cubes#2", "over")];
  expect(chosen(jobs, "squares#1")).toBe(jobs[0]);
  expect(chosen(jobs, "sq")).toBe(jobs[1]);
  expect(chosen(jobs, "cu")).toBe(jobs[2]);
  expect(chosen(jobs)).toBe(jobs[1]);
});

test.each([
  ["notFound", [], undefined, "no job runs."],
  ["notFound", [job(1, "a#1", "over")], undefined, "no job runs; over: a#1."],
  ["notFound", [job(1, "a#1")], "b", 'there is no job "b"; there is a#1.'],
  ["ambiguous", [job(1, "a#1"), job(1, "ab#2", "queued")], "a", '2 jobs fit "a": a#1, ab#2. Name one of them.'],
  ["ambiguous", [job(1, "a#1"), job(2, "a#1")], "a#1", '2 jobs fit "a#1": 1:a#1, 2:a#1. Name one of them.'],
])("%s: what there is, is told", (kind, jobs, typed, words) => {
  const error = thrown(() => chosen(jobs, typed));
  expect(error).toMatchObject({ kind, message: words });
  expect(error).toBeInstanceOf(SteerError);
});

test("the name that a job is shown by means that job", () => {
  const jobs = fc.uniqueArray(
    fc.record({
      pid: fc.integer({ min: 1, max: 3 }),
      cluster: fc.integer({ min: 1, max: 2 }),
      id: fc.constantFrom("a#1", "a#11", "b#1"),
    }),
    { minLength: 1, selector: ({ pid, cluster, id }) => `${pid}/${cluster}:${id}` },
  );
  fc.assert(
    fc.property(jobs, (all) => {
      const there = all.map(({ pid, cluster, id }) => job(pid, id, "running", cluster));
      for (const each of there) expect(chosen(there, uniqueName(each, there))).toBe(each);
    }),
  );
});

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}
