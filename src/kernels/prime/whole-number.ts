/** Normalises whole numbers that callers pass as a number or a bigint. Not a parser: strings are refused. */
import { expected, shown, UsageError } from "../../errors.ts";

/**
 * `value` as a bigint, exactly.
 *
 * @param option how the error names it
 * @throws UsageError for anything but a bigint or a whole number of at most 2^53 − 1 in size. Beyond that a number no
 *   longer says which integer was meant, so the error asks for a bigint.
 */
export function wholeNumber(option: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value !== "number" || !Number.isInteger(value))
    throw expected(option, "a whole number, as a number or a bigint", value);
  if (!Number.isSafeInteger(value))
    throw new UsageError(
      `"${option}" must be exact, got the number ${shown(value)}, and beyond 2^53 − 1 a number stands for several integers. ` +
        `Pass it as a bigint: ${BigInt(value)}n, or BigInt("…") of its digits.`,
    );
  return BigInt(value);
}
