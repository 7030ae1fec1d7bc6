/** Runs the kernel's three functions in this thread, as a job would: prepare, scatter, compute on every rank, reduce. */
import type { RankContext, ReduceContext } from "../../src/kernels/define-kernel.ts";
import { type MatMulInput, type MatMulPart, matMulKernel } from "../../src/kernels/matmul/matmul.ts";
import type { Matrix } from "../../src/kernels/matmul/matrix.ts";
import type { PlacedPart } from "../../src/kernels/share.ts";

/** A rank that is never cancelled, unless told otherwise. */
export function fakeRank(changes: Partial<RankContext> = {}): RankContext {
  return {
    rank: 0,
    size: 1,
    host: "here",
    comm: undefined as never, // nobody to talk to
    threads: 1,
    cancelRequested: () => false,
    raiseIfCancelled: () => {},
    progress: () => {},
    ...changes,
  };
}

/** The parts that scatter yields for checked input. */
export function partsOf(input: MatMulInput, hosts: readonly string[]): PlacedPart<MatMulPart>[] {
  const checked = matMulKernel.prepare?.(input) ?? input;
  return [...(matMulKernel.scatter(checked, { size: hosts.length, hosts }) as Iterable<PlacedPart<MatMulPart>>)];
}

/** The product as a job on `hosts` gives it; partials arrive in reverse when `reversed`. */
export async function product(
  input: MatMulInput,
  hosts: readonly string[] = ["here"],
  reversed = false,
): Promise<Matrix> {
  const parts = partsOf(input, hosts);
  const partials = await Promise.all(
    parts.map(({ rank, part }) => matMulKernel.compute(part, fakeRank({ rank, size: hosts.length }))),
  );
  if (reversed) partials.reverse();
  async function* arriving() {
    yield* partials;
  }
  const job: ReduceContext = {
    world: { size: hosts.length, hosts },
    cancelRest: () => Promise.reject(new Error("unused")),
    note: () => {},
  };
  return matMulKernel.reduce(arriving(), input, job);
}
