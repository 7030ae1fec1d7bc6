/**
 * Hostfiles of Open MPI (`node1 slots=8 max_slots=8`) and MPICH (`node2:4`), as host entries. Pure, on the file's text.
 */
import { UsageError } from "../errors.ts";
import type { HostEntry } from "./host-spec.ts";
import { HostTextError, parseHostText } from "./host-text.ts";
import { nearest } from "./problems.ts";

/** A mistake in one line. `column` counts from 1. */
class LineError extends Error {
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** `max-slots` is Open MPI's older spelling. */
const keywords = ["slots", "max_slots", "max-slots"];

/**
 * One host (or range) a line; `#` begins a comment. Slots as `slots=4` or `:4`, at most once; without them the default counts, and
 * `max_slots` caps it.
 *
 * @param file how errors call the file
 * @throws UsageError with every mistake as `file:line:column …`, one per line
 */
export function parseHostfile(text: string, file: string): HostEntry[] {
  const mistakes: string[] = [];
  const entries = text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    try {
      return parseLine(line, `${file}:${index + 1}`);
    } catch (error) {
      if (!(error instanceof LineError || error instanceof HostTextError)) throw error;
      mistakes.push(`${file}:${index + 1}:${error.column} ${error.message}`);
      return [];
    }
  });
  if (mistakes.length > 0) throw new UsageError(mistakes.join("\n"));
  return entries;
}

function parseLine(line: string, place: string): HostEntry[] {
  const words = [...line.replace(/#.*$/, "").matchAll(/\S+/g)];
  const [first, ...rest] = words;
  if (!first) return [];
  const { number, user, addresses } = parseHost(first[0], first.index);
  const slots = new Map<string, number>(number === undefined ? [] : [["slots", number]]);
  for (const word of rest) {
    const [keyword, value] = parseKeyword(word[0], word.index);
    if (slots.has(keyword)) throw new LineError(`${keyword} is given twice`, word.index + 1);
    slots.set(keyword, value);
  }
  const entry: HostEntry = {
    addresses,
    where: `${place}:${first.index + 1}`,
    ...(user !== undefined && { user }),
    ...(slots.has("slots") && { slots: slots.get("slots")! }),
    ...(slots.has("max_slots") && { maxSlots: slots.get("max_slots")! }),
  };
  return [entry];
}

/** The host's text has columns of its own. */
function parseHost(text: string, index: number): ReturnType<typeof parseHostText> {
  try {
    return parseHostText(text);
  } catch (error) {
    if (error instanceof HostTextError) throw new LineError(error.message, index + error.column);
    throw error;
  }
}

function parseKeyword(word: string, index: number): [keyword: string, value: number] {
  const [keyword = "", value = ""] = word.split(/=(.*)/);
  if (!keywords.includes(keyword)) {
    const near = nearest(keyword, keywords.slice(0, 2));
    throw new LineError(
      `unrecognized word "${keyword}"; ${near ? `did you mean "${near}=…"?` : "after the host come slots=… and max_slots=…"}`,
      index + 1,
    );
  }
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new LineError(`${keyword} must be a whole number of 1 or more, got "${value}"`, index + keyword.length + 2);
  return [keyword.replace("-", "_"), Number(value)];
}
