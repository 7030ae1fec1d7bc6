/** Stops the body of a CommonJS program in its main thread: a throw that nobody is told of. */

const code = "MPITS_RANKS_RUN_IT";

/** @throws what Node reports as nothing, and `stopsMainThread` knows. */
export function ranksRunIt(): never {
  process.on("uncaughtException", pass);
  throw Object.assign(new Error("the ranks run this program; its main thread does not. Let this error pass through."), {
    code,
  });
}

export function stopsMainThread(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function pass(error: unknown): void {
  process.off("uncaughtException", pass);
  if (!stopsMainThread(error)) throw error;
}
