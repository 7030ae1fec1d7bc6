/** Where modules of the driver lie on a host that was sent its project. */
import { fileURLToPath, pathToFileURL } from "node:url";

/** A folder of the driver, and its counterpart here. Absolute paths. */
export interface ModuleRoot {
  readonly from: string;
  readonly to: string;
}

/** The URL here of a module that the driver names by its own; any that lies in none of the folders stays as it is. */
export function localModule(url: string, roots: readonly ModuleRoot[] = []): string {
  if (roots.length === 0 || !url.startsWith("file:")) return url;
  const { search, hash } = new URL(url);
  const path = fileURLToPath(url);
  const root = roots.find(({ from }) => path.startsWith(from.endsWith("/") ? from : `${from}/`));
  return root ? pathToFileURL(root.to + path.slice(root.from.length)).href + search + hash : url;
}
