/** docs/semantics.md promises nothing that no test keeps: each of its lines is the title of a test. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const promises = [...readFileSync(`${root}docs/semantics.md`, "utf8").matchAll(/^- (.+)$/gm)].map((match) => match[1]!);
const tests = readdirSync(`${root}test`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(`${root}test/${file}`, "utf8"))
  .join("\n");

/** Titles as they stand in the code, with what `test.each` fills in left open. */
const titles = [...tests.matchAll(/(["`])((?:(?!\1)[^\\]|\\.)*)\1,\s*(?:async )?\(/g)].map(
  (match) => new RegExp(`^${pattern(match[2]!)}`),
);

test("there are promises and titles to compare", () => {
  expect(promises.length).toBeGreaterThan(20);
  expect(titles.length).toBeGreaterThan(promises.length);
});

test.each(promises)("%s", (promise) => {
  expect(titles.some((title) => title.test(promise))).toBe(true);
});

function pattern(title: string): string {
  const open = title.replace(/ ?\(%s[^)]*\)/, "");
  return `${open.replace(/[.*+?^()|[\]\\]/g, "\\$&").replace(/%s|\$\{?\w+\}?/g, ".+")}$`;
}
