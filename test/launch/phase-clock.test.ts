/** When a phase of a launch counts as late. The clock is in the test's hand; the time-out is 10 s. */
import { PhaseClock } from "../../src/launch/ssh/phase-clock.ts";
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);
const late = { what: "it did not answer", remedy: "Look." };
let clock: PhaseClock;
let words: number;
let outcome: string | undefined;
const heard = () => words;

beforeEach(() => {
  jest.useFakeTimers();
  words = 0;
  outcome = undefined;
  clock = new PhaseClock("node1", "node1", 10);
  clock.limit(new Promise(() => {}), undefined).catch((error: Error) => {
    outcome = error.message;
  });
});
afterEach(() => {
  clock.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** A word of the host every so often, in ms, for so long. */
async function talks(everyMs: number, forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs && outcome === undefined; ms += everyMs) {
    words++;
    await jest.advanceTimersByTimeAsync(everyMs);
  }
}

/** It is not late yet, and is when this has gone by. */
async function isLateAfter(time: Promise<unknown>, words: string): Promise<void> {
  expect(outcome).toBeUndefined();
  await time;
  expect(outcome).toBe(words);
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test("a host that says nothing is late after the time-out", async () => {
  clock.enter("authenticate", late, heard);
  await pass(9900);
  await isLateAfter(pass(200), "it did not answer within 10 s");
});

test("one that answers slowly is not, and has the whole time-out after its last word", async () => {
  clock.enter("authenticate", late, heard);
  await talks(6000, 18_000);
  expect(outcome).toBeUndefined();
  await pass(3000);
  await isLateAfter(pass(3000), "it did not answer within 10 s");
});

test("one that only talks is late after three times the time-out", async () => {
  clock.enter("authenticate", late, heard);
  await talks(500, 29_500);
  await isLateAfter(talks(500, 1000), "it did not answer within 30 s");
});

test("where words do not count, or a later reason takes over in between, the time-out is the same", async () => {
  clock.enter("find node", late);
  await talks(500, 5000);
  clock.expect({ ...late, what: "it hung" });
  await talks(500, 5500);
  expect(outcome).toBe("it hung within 10 s");
});

test("while a person is asked the clock stands", async () => {
  clock.enter("authenticate", late, heard);
  await pass(6000);
  let answer = () => {};
  const asked = clock.standing(() => new Promise<void>((resolve) => (answer = resolve)));
  await pass(60_000);
  expect(outcome).toBeUndefined();
  answer();
  await asked;
  await pass(3900);
  await isLateAfter(pass(200), "it did not answer within 10 s");
});

test("what waits to be read when this program was held up counts first", async () => {
  clock.enter("authenticate", late, heard);
  setTimeout(() => setImmediate(() => words++), 10_000); // in the turn of the event loop in which it would be late
  await pass(10_100);
  await pass(9000);
  expect(outcome).toBeUndefined();
});
