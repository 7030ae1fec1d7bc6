/** Functions that travel: described, sent through JSON, revived, called; the results must be those of the original. */
import { execFileSync } from "node:child_process";
import type { FunctionRef, PortableFunction } from "../../src/functions/function-ref.ts";
import { isFunctionRef } from "../../src/functions/function-ref.ts";
import { describeFunction, fromModule } from "../../src/functions/portable.ts";
import { reviveFunction } from "../../src/functions/revive-function.ts";

declare function cancelRequested(): boolean;
declare function raiseIfCancelled(): void;

type Any = (...args: unknown[]) => unknown;
const scope = { cancelRequested: () => false, raiseIfCancelled: () => {} };
const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

/** There and back over a wire. */
async function travel<F extends PortableFunction>(fn: F): Promise<F> {
  const ref = JSON.parse(JSON.stringify(describeFunction(fn))) as FunctionRef;
  return (await reviveFunction(ref, scope)) as F;
}

const computedKey = "computed key";
class Holder {
  static ofClass(x: number) {
    return x + 1;
  }
  static async *stream(n: number): AsyncGenerator<number> {
    for (let i = 0; i < n; i++) yield i;
  }
  ofInstance(x: number) {
    return x - 1;
  }
}

const travellers: [string, Any, unknown[]][] = [
  ["an arrow", ((x: number) => x * x) as Any, [7]],
  [
    "an arrow with a body",
    ((x: number) => {
      const y = x;
      return y + 1;
    }) as Any,
    [7],
  ],
  ["an arrow that gives an object", ((x: number) => ({ x })) as Any, [7]],
  [
    "a function declaration",
    (() => {
      function named(x: number) {
        return x / 2;
      }
      return named;
    })() as Any,
    [7],
  ],
  ["an anonymous function", ((x: number) => -x) as Any, [7]],
  [
    "a named function that calls itself",
    function fib(n: number): number {
      return n < 2 ? n : fib(n - 1) + fib(n - 2);
    } as Any,
    [12],
  ],
  [
    "a method",
    {
      double(x: number) {
        return 2 * x;
      },
    }.double as Any,
    [7],
  ],
  [
    "a method under a computed key",
    {
      [computedKey](x: number) {
        return 3 * x;
      },
    }[computedKey] as Any,
    [7],
  ],
  [
    "a method under a string key",
    {
      "a key"(x: number) {
        return 4 * x;
      },
    }["a key"] as Any,
    [7],
  ],
  [
    "a method named async",
    {
      async(x: number) {
        return 5 * x;
      },
    }.async as Any,
    [7],
  ],
  [
    "a method named get",
    {
      get(x: number) {
        return 6 * x;
      },
    }.get as Any,
    [7],
  ],
  [
    "a method named function",
    {
      function(x: number) {
        return 7 * x;
      },
    }.function as Any,
    [7],
  ],
  ["a static method", Holder.ofClass as Any, [7]],
  ["an instance's method", new Holder().ofInstance as Any, [7]],
  ["default parameters", ((x: number, y = x + 1, z = Math.max(x, y)) => [x, y, z]) as unknown as Any, [7]],
  [
    "destructured parameters",
    (({ a, b: [b, ...c] }: { a: number; b: number[] }) => [a, b, c]) as Any,
    [{ a: 1, b: [2, 3, 4] }],
  ],
  ["rest parameters", ((...xs: unknown[]) => xs.reverse()) as Any, [1, 2, 3]],
  [
    "arguments of a function",
    function () {
      // biome-ignore lint/complexity/noArguments: the point
      return arguments.length;
    } as Any,
    [1, 2, 3],
  ],
  [
    "an inner class with this, super, private members and a static block",
    ((x: number) => {
      class Base {
        #x = x;
        get() {
          return this.#x;
        }
      }
      class Derived extends Base {
        own = this.get() + super.get();
        static k = 2;
        static {
          // biome-ignore lint/complexity/noThisInStatic: a "this" that is nobody else's
          this.k++;
        }
        override get() {
          return super.get() * Derived.k;
        }
      }
      const { own } = new Derived();
      return [own, new Derived().get()];
    }) as Any,
    [7],
  ],
  [
    "this of an inner function",
    ((x: number) =>
      ({
        x,
        get() {
          return this.x;
        },
      }).get()) as Any,
    [7],
  ],
  [
    "labels, catch and loops",
    ((n: number) => {
      let sum = 0;
      outer: for (const i of Array(n).keys())
        for (let j = 0; ; j++) {
          if (j > i) continue outer;
          if (i + j > 9) break outer;
          sum += j;
        }
      try {
        JSON.parse("{");
      } catch (error) {
        return [sum, (error as Error).name];
      }
      return sum;
    }) as Any,
    [8],
  ],
  [
    "globals of Node and JavaScript",
    (() => [
      typeof Buffer,
      typeof structuredClone,
      typeof URL,
      undefined,
      Number.NaN,
      Infinity,
      globalThis === undefined,
      BigInt(3) ** 2n,
    ]) as Any,
    [],
  ],
  [
    "template literals and regular expressions with odd characters",
    ((s: string) => `${s.replace(/[)}\]`]/g, "\u2028")}\n// */`) as Any,
    ["a)b"],
  ],
  ["typed arrays", ((n: number) => Float64Array.from({ length: n }, (_, i) => Math.sqrt(i)).join()) as Any, [5]],
  [
    "an eval of its own names",
    ((x: number) => {
      // biome-ignore lint/security/noGlobalEval: that it keeps working is the point
      return x * eval("x + 1");
    }) as Any,
    [7],
  ],
  ["a comment at the end", ((x: number) => x) /* the end */ as Any, [7]],
  [
    "mpits' own helpers",
    (() => {
      raiseIfCancelled();
      return cancelRequested();
    }) as Any,
    [],
  ],
];

describe("what travels as text", () => {
  beforeAll(() => Object.assign(globalThis, scope));
  afterAll(() => {
    Reflect.deleteProperty(globalThis, "cancelRequested");
    Reflect.deleteProperty(globalThis, "raiseIfCancelled");
  });

  test.each(travellers)("%s", async (_title, fn, args) => {
    expect(describeFunction(fn).kind).toBe("source");
    const revived = await travel(fn);
    expect(revived).not.toBe(fn);
    expect(revived(...args)).toEqual(fn(...args));
    expect(revived.name).toBe(fn.name);
    expect(revived.length).toBe(fn.length);
  });

  test("asynchronous functions, generators and both at once", async () => {
    const later = await travel(async (x: number) => (await Promise.resolve(x)) + 1);
    await expect(later(7)).resolves.toBe(8);
    const count = await travel(function* (n: number) {
      yield* Array(n).keys();
    });
    expect([...count(3)]).toEqual([0, 1, 2]);
    const stream = await travel(Holder.stream);
    const seen: number[] = [];
    for await (const i of stream(3)) seen.push(i);
    expect(seen).toEqual([0, 1, 2]);
    const method = await travel(
      {
        async later(x: number) {
          return x * 2;
        },
      }.later,
    );
    await expect(method(4)).resolves.toBe(8);
  });
});

describe("what travels as a reference", () => {
  test.each([
    ["Math.sqrt", Math.sqrt],
    ["parseFloat", Number.parseFloat],
    ["Number.isInteger", Number.isInteger],
    ["Number", Number],
    ["structuredClone", structuredClone],
    ["fetch", fetch],
    ["String.fromCharCode", String.fromCharCode],
  ] as [string, PortableFunction][])("%s, a global", async (path, fn) => {
    expect(describeFunction(fn)).toEqual({ kind: "global", path });
    expect(await travel(fn)).toBe(fn);
  });

  test("an export of a module, by name or the default one, with all that its module knows", async () => {
    const url = fixture("exported.mjs");
    const scaled = fromModule<(x: number) => number>(url.href, "scaled");
    expect(describeFunction(scaled)).toEqual({ kind: "module", module: url.href, export: "scaled" });
    expect((await travel(scaled))(5)).toBe(15);
    expect((await travel(fromModule<(x: number) => number>(url)))(5)).toBe(8);
    expect((await travel(fromModule<(x: number) => number>(url.pathname, "scaled")))(5)).toBe(15);
  });

  test("the first use of an export is a promise, later ones are the function itself", async () => {
    const ref = { kind: "module", module: "node:path", export: "basename" } as const;
    const first = reviveFunction(ref, scope);
    expect(first).toHaveProperty("then");
    const fn = await first;
    expect(reviveFunction(ref, scope)).toBe(fn);
  });

  test("a reference can't be called where it was made", () => {
    const marker = fromModule<(x: number) => number>("file:///a/b.js", "f");
    expect(marker.name).toBe("f");
    expect(() => marker(1)).toThrow(
      'this is a reference to "f" of file:///a/b.js, for the ranks to import. Import the function itself to call it here.',
    );
  });

  test.each([
    [
      "./b.js",
      '"moduleUrl" must be an absolute URL such as import.meta.url, or an absolute path, got "./b.js" (string).',
    ],
    [
      "https://a/b.js",
      '"moduleUrl" must be an absolute URL such as import.meta.url, or an absolute path, got "https://a/b.js" (string).',
    ],
    [7, '"moduleUrl" must be an absolute URL such as import.meta.url, or an absolute path, got 7.'],
  ])("fromModule(%p) is refused", (url, text) => {
    expect(() => fromModule(url as string, "f")).toThrow(text);
    expect(() => fromModule("file:///a.js", "")).toThrow(
      '"exportName" must be the name of an export, got "" (string).',
    );
  });
});

describe("what a rank says of a reference that leads nowhere", () => {
  const revive = async (ref: FunctionRef): Promise<unknown> => reviveFunction(ref, scope);
  const url = fixture("exported.mjs").href;

  test("a missing module", async () => {
    await expect(revive({ kind: "module", module: "file:///nowhere/f.mjs", export: "f" })).rejects.toMatchObject({
      code: "MPITS_USAGE",
      message: expect.stringMatching(
        /^the module of fromModule\("file:\/\/\/nowhere\/f\.mjs", "f"\) could not be loaded: .*It must exist at the same path on every host\.$/,
      ),
    });
  });

  test("a module that throws", async () => {
    await expect(revive({ kind: "module", module: fixture("broken.mjs").href, export: "f" })).rejects.toMatchObject({
      message: expect.stringContaining("could not be loaded: broken on purpose. It must"),
      cause: expect.objectContaining({ message: "broken on purpose" }),
    });
  });

  test("a missing export, and one that is no function", async () => {
    await expect(revive({ kind: "module", module: url, export: "f" })).rejects.toThrow(
      `${url} has no export "f", so the function that fromModule named is missing. Export it there, or correct the name.`,
    );
    await expect(revive({ kind: "module", module: url, export: "notAFunction" })).rejects.toThrow(
      `"notAFunction" of ${url} must be a function, got number.`,
    );
  });

  test.each(["Math.nothing", "nothing", "Math.PI", "Math.sqrt.call", "__proto__.toString"])(
    "the global %s",
    async (path) => {
      await expect(revive({ kind: "global", path })).rejects.toThrow(`has no function ${path}.`);
    },
  );

  test("a text that this Node can't read", async () => {
    await expect(revive({ kind: "source", name: "f", source: "(x) => x |> y" })).rejects.toThrow(
      /^the function "f" could not be compiled with Node [\d.]+: Unexpected token/,
    );
  });

  test("what is no reference at all", async () => {
    await expect(revive({ kind: "source", name: "f" } as unknown as FunctionRef)).rejects.toThrow(
      '"ref" must be a function reference made by describeFunction, got an object with kind, name.',
    );
    expect([null, 7, {}, { kind: "module", module: 1 }, { kind: "global" }].map(isFunctionRef)).toEqual(
      Array(5).fill(false),
    );
  });
});

describe("a revived function", () => {
  test("is the same one for the same text and scope, and another for another scope", () => {
    const ref = describeFunction((x: number) => x + 41);
    const other = { ...scope };
    expect(reviveFunction({ ...ref }, scope)).toBe(reviveFunction(ref, scope));
    expect(reviveFunction(ref, other)).not.toBe(reviveFunction(ref, scope));
  });

  test("asks the scope that it was revived with", () => {
    const ref = describeFunction(() => cancelRequested());
    const asked = (answer: boolean): unknown =>
      (reviveFunction(ref, { cancelRequested: () => answer, raiseIfCancelled: () => {} }) as Any)();
    expect([asked(true), asked(false)]).toEqual([true, false]);
  });

  test("shows its name and the line of its own text in stacks", async () => {
    const thrower = (await travel(function thrower() {
      throw new Error("here");
    })) as Any;
    expect.assertions(1);
    try {
      thrower();
    } catch (error) {
      expect((error as Error).stack).toMatch(/mpits-function\/thrower:2:\d+/);
    }
  });

  test("is strict-mode code", async () => {
    const receiver = await travel(function (this: unknown) {
      return this;
    });
    expect(receiver()).toBeUndefined();
  });

  test("is described once", () => {
    const fn = (x: number): number => x;
    expect(describeFunction(fn)).toBe(describeFunction(fn));
  });
});

test("under tsx: real dynamic import, and esbuild's __name finds its stand-in", () => {
  const output = execFileSync(process.execPath, ["--import", "tsx", fixture("under-tsx.ts").pathname], {
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toEqual({
    shimNeeded: true,
    name: "digest",
    digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
});
