// Measures one row: ours and every peer that is here take turns, in the same run, and each turn is compared with its own round.
import { ContenderProcess } from "./contender-process.mjs";
import { median, quantile, ratiosOf, summaryOf } from "./statistics.mjs";

/**
 * @param base root of another build of ours to compare with; undefined: none
 * @returns the row as data: its words, the samples of all, and the ratios
 */
export async function measureRow(root, base, suite, row, rounds) {
  const missing = Object.fromEntries((row.peers ?? []).map(({ name, needs }) => [name, needs?.()]));
  const here = (row.peers ?? []).map(({ name }) => name).filter((name) => missing[name] === undefined);
  const { failure: baseFailure, ...samples } = await alternate(root, base, suite, row, here, rounds);
  const ratio = (theirs) => summaryOf(ratiosOf(samples.ours.rounds, theirs.rounds, row.better));
  return {
    id: row.id,
    what: row.what,
    unit: row.unit,
    better: row.better,
    ...(row.limit && { limit: row.limit }),
    ours: {
      ...summaryOf(samples.ours.rounds),
      p99: quantile(samples.ours.all, 0.99),
      samples: samples.ours.all.length,
    },
    ...(samples.base && { base: { ...summaryOf(samples.base.rounds), ratio: ratio(samples.base) } }),
    ...(baseFailure && { base: { missing: baseFailure } }),
    peers: (row.peers ?? []).map(({ name, reach }) => ({
      name,
      ...(reach !== undefined && { reach }),
      ...(missing[name] !== undefined
        ? { missing: missing[name] }
        : { ...summaryOf(samples[name].rounds), ratio: ratio(samples[name]) }),
    })),
  };
}

async function alternate(root, base, suite, row, peers, rounds) {
  const open = new Map();
  const samples = {};
  try {
    open.set("ours", await ContenderProcess.open(root, suite, row, "ours"));
    if (base)
      await ContenderProcess.open(base, suite, row, "ours").then(
        (process) => open.set("base", process),
        (error) => {
          samples.failure = error.message; // what is new has no base
        },
      );
    for (const name of peers) open.set(name, await ContenderProcess.open(root, suite, row, name));
    for (const name of open.keys()) samples[name] = { rounds: [], all: [] };
    for (const process of open.values()) await process.sample(); // warms up
    for (let round = 0; round < rounds; round++)
      for (const [name, process] of inTurn(open, round)) {
        const values = await process.sample();
        samples[name].rounds.push(median(values));
        samples[name].all.push(...values);
      }
    return samples;
  } finally {
    await Promise.all([...open.values()].map((process) => process.close()));
  }
}

/** Forwards and backwards by turns: nobody always comes first. */
function inTurn(open, round) {
  return round % 2 === 0 ? [...open] : [...open].reverse();
}
