/** What goes wrong in a kernel, in the words of its job: where it was, and what the kernel itself says. */
import { KernelError } from "../errors.ts";
import { errorFromRecord } from "../wire/error-codec.ts";
import type { JobMessage } from "./star.ts";

/** A rank's failure. @param hosts the host of each rank */
export function kernelError(
  kernel: string,
  hosts: readonly string[],
  { rank, part, error }: Extract<JobMessage, { kind: "Failure" }>,
): KernelError {
  const cause = errorFromRecord(error);
  const host = hosts[rank];
  const where = part === null ? "" : `, part ${part}`;
  const text = `kernel "${kernel}" failed on rank ${rank} (${host}${where}): ${cause.message}`;
  const failure = new KernelError(text, { kernel, rank, host, cause });
  failure.stack = withFramesOf(cause, `KernelError: ${text}`);
  return failure;
}

/** What scatter or reduce threw at the driver; an error of ours says enough by itself. */
export function driverError(kernel: string, step: string, cause: unknown): unknown {
  if (isOurs(cause)) return cause;
  const text = `${step} of kernel "${kernel}" failed at the driver: ${(cause as Error)?.message ?? String(cause)}`;
  return new KernelError(text, { kernel, cause });
}

function isOurs(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && String(error.code).startsWith("MPITS_");
}

/** Where the kernel threw says more than where the driver heard of it. */
function withFramesOf(cause: Error, headline: string): string {
  const frames = cause.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  return [headline, ...frames].join("\n");
}
