// A kernel in a package of your own: which start below `limit` takes the most Collatz steps to reach 1? (OEIS A006877)
import { defineKernel } from "mpits";

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Longest {
  readonly start: number;
  readonly steps: number;
}

const rangeLength = 20_000;

export const longestCollatz = defineKernel({
  name: "longestCollatz",

  *scatter({ limit }: { readonly limit: number }): Generator<Range> {
    for (let from = 1; from < limit; from += rangeLength) yield { from, to: Math.min(limit, from + rangeLength) };
  },

  compute({ from, to }: Range, rank): Longest {
    let longest: Longest = { start: from, steps: 0 };
    for (let start = from; start < to; start++) {
      if (start % 1000 === 0) rank.raiseIfCancelled();
      const steps = stepsToOne(start);
      if (steps > longest.steps) longest = { start, steps };
    }
    rank.progress(to - from, to - from);
    return longest;
  },

  async reduce(partials): Promise<Longest> {
    let longest: Longest = { start: 1, steps: 0 };
    for await (const partial of partials) if (partial.steps > longest.steps) longest = partial;
    return longest;
  },
});

function stepsToOne(start: number): number {
  let steps = 0;
  for (let n = start; n !== 1; n = n % 2 === 0 ? n / 2 : 3 * n + 1) steps++;
  return steps;
}
