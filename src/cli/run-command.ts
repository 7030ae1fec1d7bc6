/**
 * `mpits run file`: a user's program, with the configuration of the command line. One that imports `mpits/program` is run by all ranks; any
 * other in this process, from where it uses a cluster.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../index.ts";
import { launchProgram } from "../program/launch-program.ts";
import { stopsMainThread } from "../program/ranks-run-it.ts";
import { programScope } from "../thread/program-scope.ts";
import type { ClusterFlags } from "./cluster-options.ts";
import { configure, runOptions } from "./configure.ts";

/** Runs the program in this process, as `node file args` would. */
export async function runCommand(file: string, args: readonly string[], flags: ClusterFlags): Promise<void> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no file ${path}.`);
  const options = runOptions(flags);
  configure(flags, { byHost: true });
  programScope.launch = (program) => launchProgram(program, options);
  process.argv = [process.argv[0], path, ...args];
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    if (stopsMainThread(error)) return;
    if (error instanceof SyntaxError) return leaveToNode(error);
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    throw new UsageError(
      `this Node (${process.version}) can't load ${file} by itself. Use Node 22.18 or newer, or add a loader: NODE_OPTIONS="--import tsx" mpits run ${file}.`,
      { cause: error },
    );
  }
}

/** Only Node's own report of an uncaught error has the file and the line that it can't read. */
function leaveToNode(error: SyntaxError): void {
  setImmediate(() => {
    throw error;
  });
}
