/**
 * `reviveFunction`: makes a function of a `FunctionRef`, in a compute thread. It runs whatever text it is given: call it
 * only for messages of the authenticated driver. Loads no parser.
 */
import { expected, UsageError } from "../errors.ts";
import {
  type FunctionRef,
  type FunctionScope,
  isFunctionRef,
  type ModuleRef,
  type PortableFunction,
  type SourceRef,
  scopeNames,
} from "./function-ref.ts";
import { atGlobalPath } from "./known-names.ts";

type Factory = (...helpers: unknown[]) => PortableFunction;

/** Texts compiled in this thread. V8 then keeps what it learned about a function from one part to the next. */
const factories = new Map<string, Factory>();
/** One function per text and scope: it is self-contained, so it has no state that two users could disturb. */
const revived = new WeakMap<FunctionScope, Map<string, PortableFunction>>();
/** Exports imported in this thread: the second use needs no promise. */
const imported = new Map<string, PortableFunction>();

/**
 * The function that `ref` describes. Text is compiled once per thread, stacks name it as `mpits-function/<name>` with the
 * line numbers of its own text; `cancelRequested` and `raiseIfCancelled` inside it are those of `scope`. A module's export
 * comes as a promise at its first use in a thread.
 *
 * @throws UsageError (or rejects with it) when the module can't be loaded or has no such function, when this Node can't
 * read the text, or when `ref` is none.
 */
export function reviveFunction(ref: FunctionRef, scope: FunctionScope): PortableFunction | Promise<PortableFunction> {
  if (!isFunctionRef(ref)) throw expected("ref", "a function reference made by describeFunction", ref);
  switch (ref.kind) {
    case "source":
      return fromSource(ref, scope);
    case "module":
      return imported.get(moduleKey(ref)) ?? importFunction(ref);
    case "global":
      return fromGlobal(ref.path);
  }
}

function fromSource(ref: SourceRef, scope: FunctionScope): PortableFunction {
  const ofScope = revived.get(scope) ?? new Map<string, PortableFunction>();
  revived.set(scope, ofScope);
  const key = `${ref.name}\n${ref.source}`;
  const before = ofScope.get(key);
  if (before) return before;
  const fn = factoryOf(ref, key)(...scopeNames.map((name) => scope[name].bind(scope)), nameFunction);
  nameFunction(fn, ref.name);
  ofScope.set(key, fn);
  return fn;
}

function factoryOf(ref: SourceRef, key: string): Factory {
  const factory = factories.get(key) ?? compile(ref);
  factories.set(key, factory);
  return factory;
}

/** Indirect eval: the text sees globals and the parameters, and begins in line 1, so line numbers in stacks are its own. */
function compile(ref: SourceRef): Factory {
  const url = `mpits-function/${ref.name.replace(/[^\w$.-]+/g, "_") || "anonymous"}`;
  const text = `"use strict";(function(${scopeNames.join()},__name){return(${ref.source}\n)})\n//# sourceURL=${url}`;
  try {
    // biome-ignore lint/security/noGlobalEval: running the driver's text is what this file is for
    // biome-ignore lint/complexity/noCommaOperator: the comma makes the eval indirect
    return (0, eval)(text) as Factory;
  } catch (error) {
    throw new UsageError(
      `the function "${ref.name || "(anonymous)"}" could not be compiled with Node ${process.versions.node}: ${messageOf(error)}. ` +
        "Use the same Node on every host, and no flag that forbids code from strings.",
      { cause: error },
    );
  }
}

/** Also stands in for the `__name` that esbuild and tsx put into functions to keep their names. */
function nameFunction(fn: PortableFunction, name: string): PortableFunction {
  if (fn.name !== name) Object.defineProperty(fn, "name", { value: name, configurable: true });
  return fn;
}

async function importFunction(ref: ModuleRef): Promise<PortableFunction> {
  const fn = (await load(ref))[ref.export];
  if (typeof fn !== "function")
    throw new UsageError(
      fn === undefined
        ? `${ref.module} has no export "${ref.export}", so the function that fromModule named is missing. Export it there, or correct the name.`
        : `"${ref.export}" of ${ref.module} must be a function, got ${typeof fn}.`,
    );
  imported.set(moduleKey(ref), fn as PortableFunction);
  return fn as PortableFunction;
}

async function load(ref: ModuleRef): Promise<Record<string, unknown>> {
  try {
    return (await import(ref.module)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(
      `the module of fromModule("${ref.module}", "${ref.export}") could not be loaded: ${messageOf(error)}. ` +
        "It must exist at the same path on every host.",
      { cause: error },
    );
  }
}

function fromGlobal(path: string): PortableFunction {
  const fn = atGlobalPath(path);
  if (typeof fn !== "function")
    throw new UsageError(`Node ${process.versions.node} has no function ${path}. Use the same Node on every host.`);
  return fn as PortableFunction;
}

function moduleKey(ref: ModuleRef): string {
  return `${ref.export} ${ref.module}`;
}

function messageOf(error: unknown): string {
  return String((error as Error | undefined)?.message ?? error).replace(/\.$/, "");
}
