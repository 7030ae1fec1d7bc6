/**
 * What is wrong with an option or a line of a file, as path and text, and how that reads. Turns zod's issues into the house's wording.
 */
import type * as z from "zod";
import { shown } from "../errors.ts";

/** One thing that is wrong. `text` reads on after the path: `must be …, got …`, or `unrecognized key; …`. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly text: string;
  /** True when the key itself is the mistake and not its value. */
  readonly atKey: boolean;
}

type Issue = z.core.$ZodIssue;

/**
 * zod's issues, each as the house says it; one per path.
 *
 * @param value what was parsed, to show what came
 * @param knownKeys the keys allowed in the object at a path, to suggest the nearest
 */
export function problemsOf(
  issues: readonly Issue[],
  value: unknown,
  knownKeys: (path: Problem["path"]) => readonly string[],
): Problem[] {
  const problems = issues
    .flatMap((issue) => flatten(issue, [], value))
    .flatMap((issue) => read(issue, value, knownKeys));
  return [...new Map(problems.map((problem) => [problem.path.join("\n"), problem] as const)).values()];
}

/** `"perNodeCores" must be a whole number of 1 or more, got "4" (string).` */
export function problemLine({ path, text }: Problem): string {
  const name = path.length === 0 ? "configuration" : path.join(".");
  return text.startsWith("must ") ? `"${name}" ${text}.` : `"${name}": ${text}`;
}

/** A union fails with the issues of every member; those of the member that was meant say more. */
function flatten(issue: Issue, above: readonly PropertyKey[], value: unknown): Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) => !branch.some((inner) => isWrongType(inner)));
    if (meant) return meant.flatMap((inner) => flatten(inner, path, value));
  }
  return [{ ...issue, path } as Issue];
}

function isWrongType(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.path.length === 0;
}

function read(issue: Issue, value: unknown, knownKeys: (path: Problem["path"]) => readonly string[]): Problem[] {
  const path = issue.path as (string | number)[];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: [...path, key],
      text: `unrecognized key${suggestion(key, knownKeys(path))}`,
      atKey: true,
    }));
  if (issue.code === "invalid_key")
    return [{ path, text: `${issue.issues[0]?.message ?? issue.message}`, atKey: true }];
  // A message may say after a colon why the value is wrong; that follows what came.
  const [expectation, reason] = issue.message.split("\n");
  const came = shown(at(value, path));
  return [{ path, text: `must be ${expectation}, got ${came}${reason ? `: ${reason}` : ""}`, atKey: false }];
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
}

function suggestion(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return known.length > 0 && known.length <= 15 ? `; known here: ${known.join(", ")}` : "";
}

/** The known word most like `word`, or undefined when none is close. Case, `_` and `-` don't count: `per_node_cores`. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, "");
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      next.push(
        Math.min(
          next[j]! + 1,
          row[j + 1]! + 1,
          row[j]! + (a[i] === b[j] ? 0 : 1),
          swapped ? above[j - 1]! + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    above = row;
    row = next;
  }
  return row[b.length]!;
}
