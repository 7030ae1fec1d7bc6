/**
 * `describeFunction`: a user's function as plain data, or a refusal that names what it closes over and what to do.
 * Runs at the driver only (it loads a parser); compute threads need `revive-function.ts` alone.
 */
import { expected, UsageError } from "../errors.ts";
import { moduleRefOf } from "./from-module.ts";
import { type FunctionRef, type PortableFunction, scopeNames } from "./function-ref.ts";
import { type FunctionText, readFunctionText } from "./function-text.ts";
import { globalPathOf, isKnownGlobal } from "./known-names.ts";

/** Functions handed over again and again (one job after another) are parsed once. */
const described = new WeakMap<PortableFunction, FunctionRef>();

/** Helpers that TypeScript, Babel and swc put beside a function when they compile it for an older language. */
const compilerHelper =
  /^(__(a?sync(Generator|Delegator|Values)?|awaiter|generator|rest|spread\w*|values|read|assign|decorate|extends|await|forAwait|yieldStar|objRest|pow|publicField|private\w*|class\w*|using|callDispose|addDisposableResource|disposeResources|importStar|importDefault|toESM|makeTemplateObject|superGet|template)|_(async\w*|await\w*|ts_\w+|to_\w*array|to(Consumable|Array)\w*|sliced\w+|object_\w+|object(Spread|Without)\w*|class_\w+|classCallCheck|classPrivate\w+|createClass|create_class|defineProperty|define_property|extends|instanceof|type_?of|inherits|interop\w+|wrap\w+)|tslib(_\d+)?|_?regenerator\w*)$/;
const coverageCounter = /^(cov_\w+|__cov\w*|__coverage__|_\$jscoverage|_\$stryker\w*|stryMutAct_\w+|stryCov_\w+)$/;
const commonJsNames = ["require", "module", "exports", "__filename", "__dirname"];

/**
 * Says how `fn` travels to other threads and hosts: by reference (`fromModule`, or a global such as `Math.sqrt`), else as text.
 * As text go arrows, functions, generators and methods, synchronous or not, that use only what is inside them, the globals of
 * Node, and `cancelRequested` and `raiseIfCancelled` of mpits. They are strict-mode code at the other side, as in a module.
 *
 * A bare `import("name")` inside is looked up from where mpits is installed; `import("node:crypto")` works everywhere.
 *
 * @throws UsageError naming the function, what it takes from outside, and the remedy.
 */
export function describeFunction(fn: PortableFunction): FunctionRef {
  if (typeof fn !== "function") throw expected("function", "a function", fn);
  const before = described.get(fn);
  if (before) return before;
  const ref: FunctionRef = Object.freeze(moduleRefOf(fn) ?? globalRefOf(fn) ?? sourceRefOf(fn));
  described.set(fn, ref);
  return ref;
}

function globalRefOf(fn: PortableFunction): FunctionRef | undefined {
  const path = globalPathOf(fn, isNative(fn));
  return path === undefined ? undefined : { kind: "global", path };
}

function sourceRefOf(fn: PortableFunction): FunctionRef {
  if (isNative(fn)) throw refusal(fn, nativeReason(fn));
  const text = textOf(fn);
  const reason = formReason(text) ?? outsideReason(text) ?? namesReason(fn.name, text) ?? propertiesReason(fn);
  if (reason) throw refusal(fn, reason);
  return { kind: "source", name: fn.name, source: text.expression };
}

function textOf(fn: PortableFunction): FunctionText {
  try {
    return readFunctionText(Function.prototype.toString.call(fn));
  } catch (error) {
    // Without the parser's position, which counts from text of ours.
    const why = (error as Error).message.replace(/ \(\d+:\d+\)$/, "");
    throw refusal(fn, `its text does not stand by itself in strict mode (${why})`, { cause: error });
  }
}

function isNative(fn: PortableFunction): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn));
}

function nativeReason(fn: PortableFunction): string {
  return fn.name.startsWith("bound ")
    ? "it is bound, and what it is bound to does not show. Write (x) => … with the values inside"
    : "it is native code, which has no text";
}

function formReason({ form }: FunctionText): string | undefined {
  if (form === "class") return "it is a class, which can't be called. Hand over a function that makes one";
  if (form === "getter" || form === "setter") return `it is a ${form}. Hand over a function or a method`;
  return undefined;
}

function outsideReason({ form, outside }: FunctionText): string | undefined {
  const [first] = outside;
  switch (first) {
    case undefined:
      return undefined;
    case "this":
      return 'it is an arrow function and uses the "this" from around it';
    case "super":
      return `it uses "super" of ${form === "method" ? "its object or class" : "the method around it"}`;
    case "import.meta":
      return 'it uses "import.meta", which belongs to its module';
    default:
      return `it uses ${first}, a path relative to its module`;
  }
}

function namesReason(ownName: string, { form, freeNames }: FunctionText): string | undefined {
  const allowed: readonly string[] = [...scopeNames, "__name"];
  const closedOver = freeNames.filter((name) => !allowed.includes(name) && !isKnownGlobal(name));
  if (closedOver.length === 0) return undefined;
  const are = closedOver.length > 1 ? "are" : "is";
  const remedy = closedOver.map((name) => remedyFor(name, ownName, form)).find((text) => text !== undefined);
  return `it uses ${listed(closedOver)}, which ${are} not defined inside it${remedy ?? plainRemedy(closedOver)}`;
}

/** A remedy that fits this name better than the general one. */
function remedyFor(name: string, ownName: string, form: FunctionText["form"]): string | undefined {
  if (name === "arguments" && form === "arrow") return '. Arrow functions have no "arguments": write (...args) => …';
  if (name === ownName) return `. To call itself it needs a name of its own: write function ${name}(…) { … }`;
  if (compilerHelper.test(name)) return `. A compiler put "${name}" in: compile for ES2022 or later`;
  if (coverageCounter.test(name))
    return `. A coverage tool put "${name}" in: take the function out of its instrumentation`;
  if (commonJsNames.includes(name)) return `. Inside the function write await import("node:…") instead of "${name}"`;
  return undefined;
}

function plainRemedy(names: readonly string[]): string {
  return `. Make ${names.length > 1 ? "them" : "it"} local to the function, or pass ${names.length > 1 ? "them" : "it"} in through the input`;
}

function propertiesReason(fn: PortableFunction): string | undefined {
  const keys = Object.keys(fn);
  if (keys.length === 0) return undefined;
  return `it carries ${keys.length > 1 ? "properties" : "a property"} of its own (${listed(keys)}) that would be lost. Move the values into the function`;
}

function refusal(fn: PortableFunction, reason: string, cause?: { cause: unknown }): UsageError {
  const name = /^[\w$]+$/.test(fn.name) ? fn.name : "name";
  return new UsageError(
    `the function ${JSON.stringify(fn.name || "(anonymous)")} can't travel to other threads and hosts: ${reason}; ` +
      `or export it from a module and hand over fromModule(import.meta.url, "${name}").`,
    cause,
  );
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop();
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")} and ${last}`;
}
