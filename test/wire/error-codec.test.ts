/** Errors across threads and wires keep what people and programs look at, whatever was thrown. */
import fc from "fast-check";
import { KernelError } from "../../src/errors.ts";
import { type ErrorRecord, errorFromRecord, errorToRecord, isErrorRecord } from "../../src/wire/error-codec.ts";
import { framesOf, messageToDriver } from "../../src/wire/messages.ts";

/** As over a wire: only what JSON can say, and what the driver takes, comes through. */
function travel(thrown: unknown): Error {
  const error = errorToRecord(thrown);
  const failure = { kind: "Failure", job: 1, rank: 0, assignment: 1, part: null, error } as const;
  const { head } = messageToDriver(framesOf(failure));
  return errorFromRecord((head as typeof failure).error);
}

test("name, message, stack, code and causes come back", () => {
  const thrown = Object.assign(new RangeError("top", { cause: new KernelError("below", { kernel: "k" }) }), {
    code: "ERR_TOP",
  });
  const back = travel(thrown);
  expect(back).toBeInstanceOf(RangeError);
  expect(back).toMatchObject({ name: "RangeError", message: "top", code: "ERR_TOP", stack: thrown.stack });
  expect(back.cause).toMatchObject({ name: "KernelError", message: "below", code: "MPITS_KERNEL" });
});

test.each([EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error])(
  "%p comes back as its class",
  (Class) => {
    const back = travel(new Class("m"));
    expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
    expect(Object.keys(back)).toEqual([]);
  },
);

test.each(["constructor", "toString", "__proto__", "hasOwnProperty", "", "TimeoutError"])(
  "an error named %p comes back as an Error of that name",
  (name) => {
    const back = travel(Object.assign(new Error("m"), { name }));
    expect(Object.prototype.toString.call(back)).toBe("[object Error]");
    expect(back).toMatchObject({ name, message: "m" });
  },
);

const odd: [string, unknown, RegExp][] = [
  ["a text", "oops", /thrown: "oops"$/],
  ["undefined", undefined, /thrown: undefined$/],
  ["null", null, /thrown: null$/],
  ["a number", -1, /thrown: -1$/],
  ["a symbol", Symbol("s"), /thrown: Symbol\(s\)$/],
  ["an object without a text", Object.create(null), /thrown: \[object Object\]$/],
  ["an object with a message that is a number", { name: 1, message: 42 }, /^42$/],
  ["an object whose message throws", throwing("message"), /thrown: \[object Object\]$/],
  ["an object whose name can't be a text", { name: Object.create(null), message: "m" }, /thrown: \[object Object\]$/],
  ["an error without a stack", Object.assign(new Error("m"), { stack: undefined }), /^m$/],
  ["an error whose code is a number", Object.assign(new Error("m"), { code: 5 }), /^m$/],
  ["an error with an endless name", Object.assign(new Error("m"), { name: "n".repeat(5000) }), /^m$/],
  ["an error with an endless code", Object.assign(new Error("m"), { code: "c".repeat(5000) }), /^m$/],
];

test.each(odd)("%s is thrown: an Error that the driver takes comes of it", (_, thrown, message) => {
  expect(travel(thrown).message).toMatch(message);
});

test("anything that is thrown becomes an Error that the driver takes", () => {
  const errorLike = fc.record(
    { name: fc.anything(), message: fc.anything(), stack: fc.anything(), code: fc.anything(), cause: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), errorLike), (thrown) => {
      expect(isErrorRecord(errorToRecord(thrown))).toBe(true);
      expect(typeof travel(thrown).message).toBe("string");
    }),
    { numRuns: 300 },
  );
});

test("a chain of causes is cut after eight, also when it is a circle", () => {
  const round = new Error("round");
  round.cause = round;
  const depth = (error: unknown): number => (error instanceof Error ? 1 + depth(error.cause) : 0);
  expect(depth(travel(round))).toBe(9);
});

test("the code is enumerable, name and stack are not, as with Node's own errors", () => {
  const record: ErrorRecord = { name: "Odd", message: "m", code: "C", stack: "s" };
  expect(Object.keys(errorFromRecord(record))).toEqual(["code"]);
});

test("without a stack the name and message stand in its place", () => {
  expect(errorFromRecord({ name: "Odd", message: "m" }).stack).toBe("Odd: m");
});

function throwing(key: string): object {
  const thrown = { name: "Error", message: "m" };
  Object.defineProperty(thrown, key, {
    get() {
      throw new Error("a getter");
    },
  });
  return thrown;
}
