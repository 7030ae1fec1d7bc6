/** The ops that one-sided accesses combine with: the predefined ones, REPLACE and NO_OP (MPI 4.1 section 12.3.4). */
import { expected } from "../../errors.ts";
import { type Op, predefinedOps } from "../ops.ts";

/** What is put takes the place of what was there. MPI_REPLACE. */
export const REPLACE: Op = choice("REPLACE", (_left, right) => right);
/** What was there stays: an atomic get. MPI_NO_OP. */
export const NO_OP: Op = choice("NO_OP", (left) => left);

const byName = new Map([...predefinedOps, REPLACE, NO_OP].map((op) => [op.name, op]));

/** @throws UsageError for any other: it could not be found on another host */
export function accessOp(op: Op | string): Op {
  const name = typeof op === "string" ? op : op?.name;
  const known = byName.get(name);
  if (known && (typeof op === "string" || op === known)) return known;
  throw expected("op", `one of ${[...byName.keys()].join(", ")}`, op);
}

function choice(name: string, choose: <T>(left: T, right: T) => T): Op {
  return Object.freeze({
    name,
    commutative: false,
    width: 1,
    exact: true,
    combineValues: choose,
    combineArrays(left: ArrayBufferView, right: ArrayBufferView, out: ArrayBufferView) {
      const chosen = choose(left, right);
      if (chosen !== out) (out as Float64Array).set(chosen as Float64Array);
    },
    checkArray() {},
  });
}
