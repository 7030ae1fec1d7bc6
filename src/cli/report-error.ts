/** What a person sees when a command fails, and its exit code. */
import { SteerError } from "../steer/steer-error.ts";

const exitCodes: Record<string, number> = { MPITS_USAGE: 2 };

/** 130 after Ctrl-C, 2 for wrong usage, 3 to 6 for what can't be steered, 1 for anything else. */
export function exitCodeOf(error: unknown): number {
  if (typeof process.exitCode === "number" && process.exitCode > 2) return process.exitCode;
  return error instanceof SteerError ? error.exitCode : (exitCodes[codeOf(error)] ?? 1);
}

/** Our own errors say all in their message; the stack of a kernel or of a bug is for whoever wrote it. */
export function reportError(error: unknown): void {
  const code = codeOf(error);
  const withStack = !code.startsWith("MPITS_") || code === "MPITS_KERNEL";
  const { message, stack } = error as Error;
  process.stderr.write(`mpits: ${withStack ? (stack ?? message ?? String(error)) : message}\n`);
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
