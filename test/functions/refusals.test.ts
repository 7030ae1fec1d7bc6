/** Functions that don't travel: each refusal with its complete text, since the text is the feature. */

import type { PortableFunction } from "../../src/functions/function-ref.ts";
import { describeFunction } from "../../src/functions/portable.ts";

const table = [1, 2, 3];
const scale = 2;
declare const tslib_1: { __rest(...args: unknown[]): unknown };
declare function _async_to_generator(fn: unknown): unknown;
declare const cov_1abc: () => { f: number[] };
declare const require: (name: string) => { cpus(): unknown };
declare const userGlobal: number;

const orExport = (name: string): string =>
  `; or export it from a module and hand over fromModule(import.meta.url, "${name}").`;
const refused = (name: string, reason: string, exportName = name): string =>
  `the function "${name}" can't travel to other threads and hosts: ${reason}${orExport(exportName)}`;

class Base {
  hidden(): number {
    return 1;
  }
}
class Derived extends Base {
  #secret = 1;
  readonly arrow = () => this.hidden();
  fromSuper() {
    return super.hidden();
  }
  fromPrivate() {
    return this.#secret;
  }
}
const accessor = Object.getOwnPropertyDescriptor(
  {
    get value() {
      return 1;
    },
    set value(_v) {},
  },
  "value",
)!;
const recursive = (n: number): number => (n < 2 ? 1 : n * recursive(n - 1));
const withProperty = Object.assign((x: number) => x, { cache: 1 });
const outer = function (this: unknown) {
  // biome-ignore lint/complexity/noArguments: the point
  return [() => arguments.length, () => new.target];
};
const [usesArguments, usesNewTarget] = outer.call(undefined) as [PortableFunction, PortableFunction];

const cases: [PortableFunction, string][] = [
  [
    function lookUp(i: number) {
      return table[i];
    },
    refused(
      "lookUp",
      'it uses "table", which is not defined inside it. Make it local to the function, or pass it in through the input',
    ),
  ],
  [
    function evaluate(i: number, factor = scale) {
      const { [i]: value } = table;
      return (value ?? 0) * factor;
    },
    refused(
      "evaluate",
      'it uses "scale" and "table", which are not defined inside it. Make them local to the function, or pass them in through the input',
    ),
  ],
  [
    function ownGlobal() {
      return userGlobal;
    },
    refused(
      "ownGlobal",
      'it uses "userGlobal", which is not defined inside it. Make it local to the function, or pass it in through the input',
    ),
  ],
  [
    function testedByType() {
      return typeof userGlobal;
    },
    refused(
      "testedByType",
      'it uses "userGlobal", which is not defined inside it. Make it local to the function, or pass it in through the input',
    ),
  ],
  [
    recursive,
    refused(
      "recursive",
      'it uses "recursive", which is not defined inside it. To call itself it needs a name of its own: write function recursive(…) { … }',
    ),
  ],
  [new Derived().arrow, refused("arrow", 'it is an arrow function and uses the "this" from around it')],
  [new Derived().fromSuper, refused("fromSuper", 'it uses "super" of its object or class')],
  [
    new Derived().fromPrivate,
    refused(
      "fromPrivate",
      "its text does not stand by itself in strict mode (Private field '#secret' must be declared in an enclosing class)",
    ),
  ],
  [
    usesArguments,
    refused(
      "(anonymous)",
      'it uses "arguments", which is not defined inside it. Arrow functions have no "arguments": write (...args) => …',
      "name",
    ),
  ],
  [
    usesNewTarget,
    refused(
      "(anonymous)",
      "its text does not stand by itself in strict mode ('new.target' can only be used in functions and class static block)",
      "name",
    ),
  ],
  [
    Derived as unknown as PortableFunction,
    refused("Derived", "it is a class, which can't be called. Hand over a function that makes one"),
  ],
  [accessor.get!, refused("get value", "it is a getter. Hand over a function or a method", "name")],
  [accessor.set!, refused("set value", "it is a setter. Hand over a function or a method", "name")],
  [
    function here() {
      return import.meta.url;
    },
    refused("here", 'it uses "import.meta", which belongs to its module'),
  ],
  [
    async function nearby() {
      return import("./nearby.js" as string);
    },
    refused("nearby", 'it uses import("./nearby.js"), a path relative to its module'),
  ],
  [
    Math.max.bind(null, 3),
    refused(
      "bound max",
      "it is bound, and what it is bound to does not show. Write (x) => … with the values inside",
      "name",
    ),
  ],
  [Array.prototype.map as PortableFunction, refused("map", "it is native code, which has no text")],
  [new Proxy((x: number) => x, {}), refused("(anonymous)", "it is native code, which has no text", "name")],
  [
    withProperty,
    refused(
      "(anonymous)",
      'it carries a property of its own ("cache") that would be lost. Move the values into the function',
      "name",
    ),
  ],
  [
    function spread(x: unknown) {
      return tslib_1.__rest(x, []);
    },
    refused(
      "spread",
      'it uses "tslib_1", which is not defined inside it. A compiler put "tslib_1" in: compile for ES2022 or later',
    ),
  ],
  [
    function compiled() {
      return _async_to_generator(function* () {});
    },
    refused(
      "compiled",
      'it uses "_async_to_generator", which is not defined inside it. A compiler put "_async_to_generator" in: compile for ES2022 or later',
    ),
  ],
  [
    function covered() {
      return cov_1abc().f;
    },
    refused(
      "covered",
      'it uses "cov_1abc", which is not defined inside it. A coverage tool put "cov_1abc" in: take the function out of its instrumentation',
    ),
  ],
  [
    function commonJs() {
      return require("node:os").cpus();
    },
    refused(
      "commonJs",
      'it uses "require", which is not defined inside it. Inside the function write await import("node:…") instead of "require"',
    ),
  ],
  [
    // Made at run time: sloppy code that strict mode can't read.
    new Function("o", "with (o) { return x; }") as PortableFunction,
    refused("anonymous", "its text does not stand by itself in strict mode ('with' in strict mode)"),
  ],
];

describe("a function that takes something from outside is refused", () => {
  test.each(cases.map(([fn, text]): [string, PortableFunction, string] => [text, fn, text]))(
    "%s",
    (_title, fn, text) => {
      expect(() => describeFunction(fn)).toThrow(expect.objectContaining({ code: "MPITS_USAGE", message: text }));
    },
  );

  test("also when the program made the name a global: other threads don't have it", () => {
    Object.assign(globalThis, { userGlobal: 5 });
    expect(() => describeFunction(() => userGlobal)).toThrow('it uses "userGlobal"');
    Reflect.deleteProperty(globalThis, "userGlobal");
  });

  test("and so is what is no function", () => {
    expect(() => describeFunction("x => x" as unknown as PortableFunction)).toThrow(
      '"function" must be a function, got "x => x" (string).',
    );
  });

  test("a user's own Math.random or parseFloat is not taken for the global one", () => {
    const originals = { random: Math.random, parse: globalThis.parseFloat };
    const seed = 1;
    const own = { random: () => seed / 2, parseFloat: (text: string) => Number(text) * seed };
    Math.random = own.random;
    globalThis.parseFloat = own.parseFloat;
    try {
      expect(() => describeFunction(own.random)).toThrow('it uses "seed"');
      expect(() => describeFunction(own.parseFloat)).toThrow('it uses "seed"');
    } finally {
      Math.random = originals.random;
      globalThis.parseFloat = originals.parse;
    }
  });
});
