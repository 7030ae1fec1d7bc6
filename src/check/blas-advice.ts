/**
 * What to do where OpenBLAS doesn't know the processor: a version older than it takes its kernel for a Pentium 4 ("Prescott") on any that
 * it has never heard of, and does a fifth of what it could. `mpits check` says so.
 */
import { readFileSync } from "node:fs";

/** OpenBLAS's names of kernels, the fastest first, and what a processor must have for them, by its names on Linux. */
const kernels = [
  ["SkylakeX", ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]],
  ["Haswell", ["avx2", "fma"]],
] as const;

/**
 * @param library its name with its kernel, such as "OpenBLAS 0.3.21 (Prescott)"
 * @param flags what the processor can; default: as Linux tells, elsewhere nothing
 * @returns what is wrong and how to mend it, or undefined
 */
export function blasAdvice(library: string, flags: ReadonlySet<string> = processorFlags()): string | undefined {
  if (!/^OpenBLAS .*\(Prescott\)$/.test(library)) return undefined;
  const [core] = kernels.find(([, needed]) => needed.every((flag) => flags.has(flag))) ?? [];
  if (core === undefined) return undefined;
  return (
    `${library} doesn't know this processor, and is several times slower than it could be. ` +
    `Set OPENBLAS_CORETYPE=${core} in the host's environment, or install a newer OpenBLAS`
  );
}

function processorFlags(): Set<string> {
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.trim().split(" "));
  } catch {
    return new Set();
  }
}
