/** The state charts of the built page are those of the machines: no state and no transition more or less. */
import { readFileSync } from "node:fs";
import { jobMachine } from "../../src/actors/job-machine.ts";
import { rankMachine } from "../../src/actors/rank-machine.ts";

const page = readFileSync(new URL("../../dist/inspector/page.html", import.meta.url), "utf8");

interface Definition {
  readonly states: Record<
    string,
    {
      on: Record<string, readonly { target?: readonly { key: string }[] }[]>;
      always?: readonly { target?: readonly { key: string }[] }[];
      type: string;
    }
  >;
  readonly on: Record<string, readonly { target?: readonly { key: string }[] }[]>;
}

/** `from event to` of each arrow; `any state` stands for all that are not final. */
function drawn(id: string, open: readonly string[]): string[] {
  const [svg] = new RegExp(`<svg class="chart" data-machine="${id}".*?</svg>`, "s").exec(page)!;
  return [...svg.matchAll(/data-from="(.*?)" data-to="(.*?)" data-events="(.*?)"/g)].flatMap(([, from, to, events]) =>
    events!
      .split(" ")
      .flatMap((event) => (from === "any state" ? open : [from]).map((each) => `${each} ${event} ${to}`)),
  );
}

test.each([
  ["job", jobMachine],
  ["rank", rankMachine],
] as const)("the chart of a %s has every state and transition of its machine", (id, machine) => {
  const { states, on } = machine.root as unknown as Definition;
  const names = Object.keys(states);
  const open = names.filter((name) => states[name]!.type !== "final");
  const [svg] = new RegExp(`<svg class="chart" data-machine="${id}".*?</svg>`, "s").exec(page)!;
  expect([...svg.matchAll(/data-state="(.*?)"/g)].map(([, name]) => name).sort()).toEqual([...names].sort());
  const moves = (from: string, table: Definition["on"]) =>
    Object.entries(table).flatMap(([event, list]) =>
      list.flatMap(({ target = [] }) => target.map(({ key }) => `${from} ${event} ${key}`)),
    );
  const all = [
    ...open.flatMap((from) => moves(from, on)),
    ...names.flatMap((from) => moves(from, states[from]!.on)),
    ...names.flatMap((from) =>
      (states[from]!.always ?? []).map(({ target }) => `${from} hasQueued ${target![0]!.key}`),
    ),
  ];
  expect([...new Set(drawn(id, open))].sort()).toEqual([...new Set(all)].sort());
});
