/**
 * Packages that most programs never need, loaded at their first use and not with the first import of this one: start-up
 * is time that a person waits.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The package, as a function that loads it once. It must have a CommonJS form. */
export function later<Module>(load: (require: NodeJS.Require) => unknown): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= load(require) as Module;
    return loaded;
  };
}
