import { readFileSync } from "node:fs";
import { measure, minimum, operationNames } from "./traffic.ts";

/** The rows of the measured table: operation, doubles on each rank, messages, messages across, bytes across, least bytes. */
const rows = readFileSync(new URL("../../docs/collectives.md", import.meta.url), "utf8")
  .split("\n")
  .map((line) => line.match(/^\| ([\w, ]+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/))
  .filter((match) => match !== null)
  .map(([, operation, length, ...figures]) => ({
    operation: operation!,
    length: Number(length),
    due: figures.map(Number),
  }));

describe("the table of docs/collectives.md", () => {
  test("has every operation, small and large", () => {
    expect(rows.map(({ operation, length }) => `${operation} ${length}`)).toEqual(
      operationNames.flatMap((operation) => [`${operation} 90`, `${operation} 90000`]),
    );
  });

  test.each(rows)("$operation of $length doubles sends what the table says", ({ operation, length, due }) => {
    const { messages, crossMessages, crossBytes } = measure(operation, length);
    expect([messages, crossMessages, crossBytes, minimum[operation]!(8 * length)]).toEqual(due);
  });
});
