/** What a person sees when a program fails, and its exit code. A rank's own error comes first, as Node shows it. */
import { inspect } from "node:util";
import { JobCancelledError, KernelError, UsageError } from "../errors.ts";
import { ProgramExit } from "./program-kernel.ts";

export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof KernelError && error.rank !== undefined)
    return {
      text: `${inspect(error.cause)}\n${ours(`rank ${error.rank} (${error.host}) failed; the program was ended on all ranks.`)}`,
      exitCode: 1,
    };
  if (error instanceof ProgramExit)
    return { text: ours(`${error.message}; the program was ended on all ranks.`), exitCode: error.exitCode };
  if (error instanceof JobCancelledError)
    return { text: ours(`the program was cancelled: ${error.reason}.`), exitCode: Number(process.exitCode ?? 1) };
  return {
    text: ours(error instanceof Error ? error.message : String(error)),
    exitCode: error instanceof UsageError ? 2 : 1,
  };
}

function ours(words: string): string {
  return `mpits: ${words}\n`;
}
