/** `checkCluster`: the front of the check, light enough to be imported everywhere. */

// Not loaded in compute threads, which never launch anything: see "imports" in package.json.
import { parseConfiguration } from "#configuration";
import type { ConfigurationInput } from "../config/schema.ts";
import { checkOptions } from "../errors.ts";
import { parkInComputeThread } from "../thread/cancellation.ts";
import type { CheckReport } from "./check-report.ts";

/**
 * Looks whether these hosts can be used, and how well: brings up the host process on each as a job would, all at the same time,
 * lets every rank answer, and measures round trip and bandwidth over the connection that jobs use. A host that can't be used is
 * no error but a `problem` in the report, with its remedy. Nothing is left running.
 *
 * @param options the configuration, see docs/configuration.md. Without hosts, this machine is checked. `logLevel` is "silent" by default.
 * @throws UsageError for a wrong option
 */
export async function checkCluster(options: ConfigurationInput = {}): Promise<CheckReport> {
  await parkInComputeThread();
  checkOptions("configuration", options);
  const configuration = parseConfiguration({ logLevel: "silent", ...options });
  const { runCheck } = await import("./run-check.ts");
  return runCheck(configuration);
}
