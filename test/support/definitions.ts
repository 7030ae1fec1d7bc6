/** What kernels of test/fixtures/definitions.js must give, worked out here. */

import fc from "fast-check";
import type { Cluster } from "mpits";
import { predefinedOps } from "../../src/comm/ops.ts";
import { arrayTypes, combineElements, isDefinedFor, numbers, randomOperand, type Typed } from "../comm/arrays.ts";
import * as definitions from "../fixtures/definitions.js";
import { anyProgram, type Got, type Phase, wrongIn } from "./random-program.ts";

/** Runs random programs and compares each with the sequential model. */
export async function checkRandomPrograms(cluster: Cluster, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyProgram(cluster.size), async (phases: Phase[]) => {
      const byRank = (await cluster.spawn(definitions.randomProgram, phases).result) as Got[][][];
      for (const [i, phase] of phases.entries()) {
        const got = byRank.map((ofRank) => ofRank[i]!);
        expect(wrongIn(phase, got)).toEqual([]);
      }
    }),
    { numRuns },
  );
}

/**
 * Every reduction with every root, of every op over every type that it is defined for.
 * @param every of these cases; which ones depends on the number of ranks
 */
export async function checkReductions(cluster: Cluster, every = 1): Promise<void> {
  const ranks = Array.from({ length: cluster.size }, (_, rank) => rank);
  const cases = predefinedOps.flatMap((op) =>
    arrayTypes
      .filter((Type, i) => isDefinedFor(op.name, Type) && (i + cluster.size) % every === 0)
      .map((Type) => ({ op: op.name, arrays: ranks.map((rank) => operand(op, new Type(0), rank, cluster.size)) })),
  );
  const results = (await cluster.spawn(definitions.reductions, cases).result) as Record<string, unknown>[][];
  for (const [i, { op, arrays }] of cases.entries()) {
    const upTo = ranks.map((rank) =>
      arrays.slice(0, rank + 1).reduce((left, right) => combineElements(op, left, right)),
    );
    const whole = upTo.at(-1)!;
    const share = whole.length / cluster.size;
    for (const rank of ranks)
      expect([op, rank, results[rank]![i]]).toEqual([
        op,
        rank,
        {
          reduce: ranks.map((root) => (root === rank ? whole : undefined)),
          allreduce: whole,
          scan: upTo[rank],
          exscan: upTo[rank - 1],
          reduceScatter: whole.slice(rank * share, (rank + 1) * share),
        },
      ]);
  }
}

/** Floats that are added or multiplied are small whole numbers, so that it can't matter how they are grouped. */
function operand(
  op: { readonly name: string; readonly width: number },
  like: Typed,
  rank: number,
  size: number,
): Typed {
  const Type = like.constructor as (typeof arrayTypes)[number];
  const array = randomOperand(op, Type, 2 * size, 31 * rank + op.name.length);
  if (!Type.name.startsWith("Float") || !["SUM", "PROD"].includes(op.name)) return array;
  const random = numbers(rank + 1);
  return (array as Float64Array).map(() => (random() % 5) - 2) as Typed;
}

/**
 * Moves arrays of these sizes in bytes by messages and collectives.
 * @param every of the types; which ones depends on the number of ranks
 */
export async function checkPayloads(cluster: Cluster, sizes: readonly number[], every = 1): Promise<void> {
  const wrong = (await cluster.spawn(definitions.payloads, { sizes, every }).result) as string[][];
  expect(wrong.flat()).toEqual([]);
}
