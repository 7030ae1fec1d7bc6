/**
 * `fromModule`: names a module's export as the function to use at the ranks. Imports nothing; the ranks do.
 */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { expected, UsageError } from "../errors.ts";
import type { ModuleRef, PortableFunction } from "./function-ref.ts";

/** Shared by all copies of mpits in a process, so that a marker made by one is known to the other. */
const mark = Symbol.for("mpits.moduleRef");

/**
 * A function that the ranks import instead of receiving its text, so it may use everything that its module defines or imports.
 * Typed as the function, to be handed over in its place; it can't be called here (importing takes a promise), that throws
 * a `UsageError`. The module must exist at the same path on every host, and importing it must not start the job again.
 *
 * ```ts
 * export const evalFn = (x: Float64Array) => x[0] * scale;
 * await cluster.spawn(search, { evalFn: fromModule<typeof evalFn>(import.meta.url, "evalFn") });
 * ```
 *
 * @param moduleUrl an absolute URL (`file:`, `node:` or `data:`), such as `import.meta.url`, or an absolute path
 * @param exportName the export's name, default `"default"`
 * @throws UsageError when the URL is not absolute or the name is empty. A module or an export that is missing shows at the rank.
 */
export function fromModule<F extends PortableFunction>(moduleUrl: string | URL, exportName = "default"): F {
  const module = absoluteUrl("moduleUrl", moduleUrl);
  if (typeof exportName !== "string" || exportName === "")
    throw expected("exportName", "the name of an export", exportName);
  const ref: ModuleRef = Object.freeze({ kind: "module", module, export: exportName });
  const marker = (): never => {
    throw new UsageError(
      `this is a reference to "${exportName}" of ${module}, for the ranks to import. Import the function itself to call it here.`,
    );
  };
  Object.defineProperty(marker, "name", { value: exportName });
  Object.defineProperty(marker, mark, { value: ref });
  return marker as unknown as F;
}

/** The reference that `fromModule` put into `fn`, or undefined for any other function. */
export function moduleRefOf(fn: object): ModuleRef | undefined {
  return Reflect.get(fn, mark) as ModuleRef | undefined;
}

/** A module as an absolute URL. @throws UsageError naming the option when it is relative, or no module. */
export function absoluteUrl(option: string, moduleUrl: unknown): string {
  const text = typeof moduleUrl === "object" && moduleUrl !== null ? String(moduleUrl) : moduleUrl;
  if (typeof text === "string" && /^(file|node|data):/.test(text) && URL.canParse(text)) return new URL(text).href;
  if (typeof text === "string" && isAbsolute(text)) return pathToFileURL(text).href;
  throw expected(option, "an absolute URL such as import.meta.url, or an absolute path", moduleUrl);
}
