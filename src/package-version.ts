/** The version of this package, as its package.json has it. Driver and hosts must run the same. */
import { readFileSync } from "node:fs";
import { manifestUrl } from "./places.ts";

export function packageVersion(): string {
  const manifest = readFileSync(manifestUrl, "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
