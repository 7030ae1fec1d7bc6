/** Which fold a reduction uses. */
import { UsageError } from "../errors.ts";
import { ExactFold } from "./exact-fold.ts";
import type { Fold } from "./fold.ts";
import { isFloating } from "./op-loops.ts";
import { type Op, SUM } from "./ops.ts";
import { PlainFold } from "./plain-fold.ts";
import { type Data, isBoxed } from "./steps.ts";

/** What reductions may be told. */
export interface ReduceOptions {
  /** Where the resulting array is to be put; may be the array that is sent (MPI_IN_PLACE). */
  readonly into?: ArrayBufferView | undefined;
  /**
   * Sums of floats as exact sums, rounded once: the same bits for the same contributions in any order, on any number of ranks and hosts.
   * Default false: the same bits for the same ranks on the same hosts.
   */
  readonly reproducible?: boolean;
}

/**
 * The fold for this rank's data.
 * @throws UsageError when the op means nothing for them, or when what is asked to be reproducible can't be.
 */
export function foldFor(data: Data, op: Op, reproducible = false): Fold<unknown> {
  if (!isBoxed(data)) op.checkArray(data);
  const isFloat = isBoxed(data) ? typeof data.value === "number" : isFloating(data);
  if (!reproducible || op.exact || !isFloat) return new PlainFold(data, op) as Fold<unknown>;
  if (op !== SUM)
    throw new UsageError(
      `"reproducible" is possible for SUM and for ops that don't round, not for ${op.name} of floats.`,
    );
  return new ExactFold(data) as Fold<unknown>;
}
