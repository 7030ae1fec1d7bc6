/** docs/communicator.md names every public call of communicators, requests and datatypes, and none that isn't there. */
import { readFileSync } from "node:fs";
import * as mpits from "mpits";

const text = readFileSync(new URL("../../docs/communicator.md", import.meta.url), "utf8");
const spans = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
const {
  CartesianCommunicator,
  Datatype,
  GraphCommunicator,
  Group,
  MatchedMessage,
  PersistentRequest,
  Request,
  Section,
} = mpits;
const classes = [
  CartesianCommunicator,
  GraphCommunicator,
  Request,
  PersistentRequest,
  MatchedMessage,
  Datatype,
  Section,
  Group,
] as unknown as readonly ({ readonly prototype: object } & object)[];

/** Names of an object and of all that it inherits, except what every object has. */
function namesOf(object: object): string[] {
  const parent = Object.getPrototypeOf(object) as object | null;
  if (parent === null || object === Function.prototype) return [];
  return [...Object.getOwnPropertyNames(object), ...namesOf(parent)];
}

const known = new Set([
  ...Object.keys(mpits),
  ...classes.flatMap((each) => [...namesOf(each.prototype), ...namesOf(each)]),
]);
/** What subclasses use, and what ES classes have. */
const inner = new Set(
  "constructor prototype length name close copied start gridOf other startSend startReceive look takeOut splitInto makeOf reopen pendingOf waitFor".split(
    " ",
  ),
);

test("each call in the tables exists", () => {
  const called = spans.flatMap((span) => [...span.matchAll(/(?:^|\.|\s)(\w+)\(/g)].map((match) => match[1]!));
  expect(called.length).toBeGreaterThan(60);
  const elsewhere = new Set(["now", "exit"]); // performance.now, process.exit
  expect([...new Set(called)].filter((name) => !known.has(name) && !elsewhere.has(name))).toEqual([]);
});

test("each public call is in the tables, by its plain form", () => {
  const named = new Set(spans.flatMap((span) => span.split(/\W+/)));
  const missing = [...new Set(classes.flatMap((each) => [...namesOf(each.prototype), ...namesOf(each)]))].filter(
    (name) => {
      const plain = name.replace(/Sync$/, "");
      const isForm = [plain, plain.replace(/^i/, "")].some((form) => named.has(form));
      return !isForm && !inner.has(name) && !/^(check|is[A-Z])/.test(name);
    },
  );
  expect(missing).toEqual([]);
});
