/**
 * What travels in place of a function. Only the shape: `describeFunction` makes one at the driver, `reviveFunction` makes
 * a function of it at a rank.
 */

/** Any function that a user may hand over. */
export type PortableFunction = (...args: never[]) => unknown;

/** A self-contained function as text. `source` is an expression in strict mode, whatever the function was written as. */
export interface SourceRef {
  readonly kind: "source";
  readonly name: string;
  readonly source: string;
}

/** An export of a module, imported where it is needed. `module` is an absolute URL. */
export interface ModuleRef {
  readonly kind: "module";
  readonly module: string;
  readonly export: string;
}

/** A function that every thread has of its own, by its path from the global object: `Math.sqrt`, `parseFloat`. */
interface GlobalRef {
  readonly kind: "global";
  readonly path: string;
}

/** A function as plain data: JSON, structured clone and msgpack all carry it. */
export type FunctionRef = SourceRef | ModuleRef | GlobalRef;

/** mpits' own helpers that a self-contained function may use by name; the rank puts its own in their place. */
export interface FunctionScope {
  cancelRequested(): boolean;
  raiseIfCancelled(): void;
}

/** The names of `FunctionScope`, in the order in which a revived function gets them. */
export const scopeNames = ["cancelRequested", "raiseIfCancelled"] as const;

/** True for a well-formed `FunctionRef`: look before you revive what came over a wire. */
export function isFunctionRef(value: unknown): value is FunctionRef {
  if (typeof value !== "object" || value === null) return false;
  const ref = value as Record<string, unknown>;
  switch (ref.kind) {
    case "source":
      return typeof ref.name === "string" && typeof ref.source === "string";
    case "module":
      return typeof ref.module === "string" && typeof ref.export === "string";
    case "global":
      return typeof ref.path === "string";
    default:
      return false;
  }
}
