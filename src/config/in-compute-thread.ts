/** Stands in for parse-configuration.ts in compute threads: the schema and its library are not loaded there. */
import { UsageError } from "../errors.ts";
import type { Configuration } from "./configuration.ts";

export function parseConfiguration(): Configuration {
  throw new UsageError("a compute thread launches nothing.");
}
