/** Lists of numbers as runs. */
import fc from "fast-check";
import { fromRuns, toRuns } from "../../src/wire/runs.ts";

test("any list comes back, and equal neighbours cost nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3)), (numbers) => {
      expect(fromRuns(toRuns(numbers), numbers.length)).toEqual(numbers);
    }),
  );
  expect(toRuns([0, 1, 1, 1, 1, 2, 2])).toEqual([0, 1, 1, 4, 2, 2]);
});

test("what are not the runs of so many numbers is refused, and a huge count is not followed", () => {
  for (const runs of [[0, 3], [0, 1, 1], [0, 2 ** 40], []])
    expect(() => fromRuns(runs, 2)).toThrow("not the runs of 2 numbers");
});
