/** The standard streams of a compute thread: what it writes is posted to its host, what rank 0 of a program reads is asked of it. */
import { programScope } from "./program-scope.ts";
import type { FromThread } from "./thread-protocol.ts";

export function joinStreams(rank: number, post: (message: FromThread) => void): void {
  for (const stream of ["stdout", "stderr"] as const) forwardOutput(stream, post);
  if (rank === 0) askForInput(post);
}

/** A thread's own streams wait for its event loop, which a busy kernel never reaches. */
function forwardOutput(stream: "stdout" | "stderr", post: (message: FromThread) => void): void {
  process[stream].write = (chunk: Uint8Array | string, encoding?: unknown, callback?: unknown) => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    post({ kind: "Output", stream, text });
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") queueMicrotask(() => done());
    return true;
  };
}

/** Only when it is used: the driver must not read a terminal for nobody. */
function askForInput(post: (message: FromThread) => void): void {
  const { get } = Object.getOwnPropertyDescriptor(process, "stdin")!;
  let asked = false;
  Object.defineProperty(process, "stdin", {
    configurable: true,
    enumerable: true,
    get() {
      if (!asked) post({ kind: "Input", wanted: programScope.rank !== undefined });
      asked = true;
      return get!.call(process) as unknown;
    },
  });
}
