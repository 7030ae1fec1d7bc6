/**
 * A list whose neighbours are mostly equal, as pairs of a number and how often it follows: where each rank lives is told to
 * every rank of a job, and as a plain list that would grow with the square of the ranks.
 */

export function toRuns(numbers: readonly number[]): number[] {
  const runs: number[] = [];
  for (const number of numbers) {
    if (runs.length > 0 && runs[runs.length - 2] === number) runs[runs.length - 1] += 1;
    else runs.push(number, 1);
  }
  return runs;
}

/** @throws TypeError when they are not the runs of so many numbers */
export function fromRuns(runs: readonly number[], length: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const count = runs[i + 1] ?? 0;
    if (count > length - numbers.length) break;
    for (let k = 0; k < count; k++) numbers.push(runs[i]);
  }
  if (numbers.length !== length) throw new TypeError(`these are not the runs of ${length} numbers`);
  return numbers;
}
