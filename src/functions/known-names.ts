/**
 * The names that mean the same in every compute thread: JavaScript's own globals and Node's. A fixed list, and not what
 * happens to be on this process's `globalThis`: a global that the user's program made does not exist at a rank.
 */
import { createContext, runInContext } from "node:vm";

/** Node's globals beyond JavaScript's own, Node 20 and later. One that this Node lacks is not known. */
const nodeNames = (
  "AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream " +
  "CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream Event EventSource EventTarget " +
  "File FormData Headers MessageChannel MessageEvent MessagePort Navigator Performance PerformanceEntry " +
  "PerformanceMark PerformanceMeasure PerformanceObserver ReadableStream Request Response SubtleCrypto " +
  "TextDecoder TextDecoderStream TextEncoder TextEncoderStream TransformStream URL URLPattern URLSearchParams " +
  "WebAssembly WebSocket WritableStream atob btoa clearImmediate clearInterval clearTimeout console crypto fetch " +
  "global navigator performance process queueMicrotask setImmediate setInterval setTimeout structuredClone"
).split(" ");

let languageNames: readonly string[] | undefined;

/** JavaScript's own globals, as a fresh realm has them. Asked for late: compute threads never need them. */
function languageGlobals(): readonly string[] {
  const names = (): string[] =>
    runInContext("Object.getOwnPropertyNames(globalThis)", createContext(Object.create(null)));
  languageNames ??= names();
  return languageNames;
}

/** True when every compute thread knows `name` by itself. */
export function isKnownGlobal(name: string): boolean {
  return languageGlobals().includes(name) || isNodeGlobal(name);
}

/**
 * The path of a function that every thread has (`Math.sqrt`, `parseFloat`), or undefined. Compares identities, so a
 * replaced `Math.random` is the user's function and not the global one.
 *
 * @param native whether the engine has no text for it; parts of Node are written in JavaScript
 */
export function globalPathOf(fn: object & { readonly name: string }, native: boolean): string | undefined {
  const isTop = native ? isKnownGlobal(fn.name) : isNodeGlobal(fn.name);
  if (isTop && Reflect.get(globalThis, fn.name) === fn) return fn.name;
  if (!native) return undefined;
  const home = [...languageGlobals(), "console"].find((name) => ownValue(ownValue(globalThis, name), fn.name) === fn);
  return home && `${home}.${fn.name}`;
}

/** What `globalPathOf` named, or undefined where this thread has no such thing. */
export function atGlobalPath(path: string): unknown {
  const [first = "", second, ...rest] = path.split(".");
  if (!Object.hasOwn(globalThis, first) || rest.length > 0) return undefined;
  const top: unknown = Reflect.get(globalThis, first);
  return second === undefined ? top : ownValue(top, second);
}

function isNodeGlobal(name: string): boolean {
  return nodeNames.includes(name) && name in globalThis;
}

/** The value of a plain property; getters stay unasked. */
function ownValue(owner: unknown, name: string): unknown {
  if ((typeof owner !== "object" && typeof owner !== "function") || owner === null) return undefined;
  return Object.getOwnPropertyDescriptor(owner, name)?.value;
}
