/** What a caller may say of one job. */
import { parseJobOptions, type SpawnOptions } from "../../src/cluster/job-options.ts";
import { UsageError } from "../../src/errors.ts";

const defaults = { cancelGraceMs: 5000 };

test("what is not said has its default", () => {
  const expected = {
    queue: false,
    signal: undefined,
    timeoutMs: undefined,
    cancelGraceMs: 5000,
    keepTransitions: 200,
    detectDeadlocks: true,
  };
  expect(parseJobOptions(undefined, defaults)).toEqual(expected);
  expect(parseJobOptions({ queue: undefined, timeoutMs: undefined } as unknown as SpawnOptions, defaults)).toEqual(
    expected,
  );
});

test("what is said is taken", () => {
  const { signal } = new AbortController();
  const options = {
    queue: true,
    signal,
    timeoutMs: 0,
    cancelGraceMs: 2 ** 31 - 1,
    keepTransitions: 0,
    detectDeadlocks: false,
  };
  expect(parseJobOptions(options, defaults)).toEqual(options);
});

test.each([
  [{ timeoutMs: -1 }, /"timeoutMs" must be a number of milliseconds from 0 to 2147483647, got -1/],
  [{ timeoutMs: 2 ** 31 }, /"timeoutMs" must be/], // Node's timers would fire at once
  [{ timeoutMs: Number.NaN }, /"timeoutMs" must be/],
  [{ cancelGraceMs: Infinity }, /"cancelGraceMs" must be/],
  [{ cancelGraceMs: "5" }, /"cancelGraceMs" must be .* got "5" \(string\)/],
  [{ keepTransitions: 1.5 }, /"keepTransitions" must be a whole number from 0 to 1000000, got 1.5/],
  [{ queue: 1 }, /"queue" must be true or false, got 1/],
  [{ signal: {} }, /"signal" must be an AbortSignal/],
  [{ timeout: 5 }, /unknown job option "timeout"; there are queue, signal, timeoutMs, cancelGraceMs/],
  ["fast", /"options" must be an object, got "fast"/],
  [null, /"options" must be an object, got null/],
])("%j is refused by name", (options, words) => {
  expect(() => parseJobOptions(options as never, defaults)).toThrow(UsageError);
  expect(() => parseJobOptions(options as never, defaults)).toThrow(words);
});
