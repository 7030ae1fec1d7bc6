/**
 * What an object is by what it holds inside, as `structuredClone` sees it, and not by what it calls itself: a subclass of
 * Map with a name of its own is a Map, and an object that says it is one is not.
 */
import { types } from "node:util";

/** `refused` names a thing that lives in its own thread and can't travel. Anything unknown counts as plain properties. */
export type Kind =
  | "plain"
  | "buffer"
  | "Map"
  | "Set"
  | "Date"
  | "RegExp"
  | "Error"
  | "boxed"
  | { readonly refused: string };

const tests: readonly (readonly [Exclude<Kind, object>, (value: unknown) => boolean])[] = [
  ["Map", types.isMap],
  ["Set", types.isSet],
  ["buffer", types.isAnyArrayBuffer],
  ["Date", types.isDate],
  ["RegExp", types.isRegExp],
  ["Error", types.isNativeError],
  ["boxed", types.isBoxedPrimitive],
];
const staysHere: readonly ((value: unknown) => boolean)[] = [
  types.isPromise,
  types.isWeakMap,
  types.isWeakSet,
  types.isGeneratorObject,
  types.isMapIterator,
  types.isSetIterator,
  types.isModuleNamespaceObject,
  types.isExternal,
];
/** Those that only their tag gives away. */
const namesThatStay =
  /^(WeakRef|FinalizationRegistry|AsyncGenerator|.* Iterator|.* Helper|WebAssembly\..*|Intl\..*|MessagePort|Blob|File|CryptoKey|\w+Stream)$/;

/** For objects that are neither arrays nor views. */
export function kindOf(value: object): Kind {
  if (Object.getPrototypeOf(value) === Object.prototype) return "plain";
  for (const [kind, isOne] of tests) if (isOne(value)) return kind;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name === "DOMException") return "Error";
  return namesThatStay.test(name) || staysHere.some((isOne) => isOne(value)) ? { refused: name } : "plain";
}
