/**
 * Where this package lies. Nothing else may go by `import.meta.url`: the build puts modules together in other files (see
 * scripts/bundle.mjs), so the manifest is looked for above whatever file this is in.
 */
import { existsSync } from "node:fs";

const root = rootAbove(import.meta.url);

/** The package.json. */
export const manifestUrl = new URL("package.json", root);

/** A file that the build made: `host/host-main.cjs`. */
export function builtUrl(path: string): URL {
  return new URL(`dist/${path}`, root);
}

function rootAbove(url: string): URL {
  const folder = new URL(".", url);
  return existsSync(new URL("package.json", folder)) ? folder : rootAbove(new URL("..", folder).href);
}
