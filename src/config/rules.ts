/**
 * The kinds of value that options have, as zod schemas. Each one's message is its expectation alone ("a whole number of 1 or
 * more"); `problemsOf` makes the sentence of it.
 */
import * as z from "zod";
import { HostTextError, longestHostName, parseHostText } from "./host-text.ts";

/** Timers of Node fire at once beyond this. */
const longestMs = 2 ** 31 - 1;

export const flag = z.boolean("true or false");

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const text =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of ${min} or more` : `a whole number from ${min} to ${max}`;
  return z.int(text).min(min, text).max(max, text);
}

/** How much a rank's thread gives way, as `nice -n` counts. */
export const niceness = wholeNumber(0, 19);

export const portNumber = wholeNumber(1, 65_535);

export function duration(unit: "milliseconds" | "seconds", zeroAllowed = false) {
  const longest = unit === "seconds" ? Math.floor(longestMs / 1000) : longestMs;
  const text = `a number of ${unit}, ${zeroAllowed ? "0 or more" : "above 0"} and at most ${longest}`;
  const number = z.number(text).max(longest, text);
  return zeroAllowed ? number.min(0, text) : number.gt(0, text);
}

/** A text that is not empty and has no control characters (these would end a line of what goes to the host). */
export function plainText(expectation: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return z.string(expectation).regex(/^[^\x00-\x1f\x7f]+$/, expectation);
}

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `one of ${words.map((word) => `"${word}"`).join(", ")}`);
}

export const hostName = plainText("a host name").max(
  longestHostName,
  `a host name of at most ${longestHostName} characters`,
);

export const userName = z.string("a user name").regex(/^[\w.][\w.+$\\-]*$/, "a user name");

export const environment = z.record(
  z.string().regex(/^[A-Za-z_]\w*$/, "no name of an environment variable (letters, digits and _)"),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an environment can't hold it
  z.string("a text; put numbers in quotes").regex(/^[^\x00]*$/, "a text without a null character"),
  "an object of environment variables, names to texts",
);

/** Ports to bind to. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A number, or `"from-to"`. */
export const portRange = z.unknown().transform((value, context): PortRange => {
  const [, from = "", to = ""] = /^(\d{1,5})-(\d{1,5})$/.exec(String(value)) ?? [];
  const range =
    typeof value === "string" ? { from: Number(from), to: Number(to) } : { from: value as number, to: value as number };
  const valid = portNumber.safeParse(range.from).success && portNumber.safeParse(range.to).success;
  if (valid && range.from <= range.to) return range;
  context.addIssue({ code: "custom", message: 'a port number from 1 to 65535, or a range such as "7000-7099"' });
  return z.NEVER;
});

/** Host text as `parseHostText` reads it; why it can't is the second line of the message. */
export function hostText(expectation: string) {
  return z.string(expectation).transform((text, context) => {
    try {
      return parseHostText(text);
    } catch (error) {
      if (!(error instanceof HostTextError)) throw error;
      context.addIssue({ code: "custom", message: `${expectation}\n${error.message}` });
      return z.NEVER;
    }
  });
}

/** ssh's ProxyJump: hosts to go through, separated by commas. */
export const jumpHosts = plainText('a host to go through, such as "me@gateway:22"').superRefine((text, context) => {
  for (const hop of text.split(",")) {
    const parsed = hostText('a host to go through, such as "me@gateway:22"').safeParse(hop.trim());
    if (parsed.success && parsed.data.addresses.length === 1 && (parsed.data.number ?? 1) <= 65_535) continue;
    context.addIssue({ code: "custom", message: 'a host to go through, such as "me@gateway:22"' });
  }
});
