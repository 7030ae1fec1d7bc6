#!/usr/bin/env node
/**
 * The command `mpits`. A person waits for it, and a runaway job goes on until it has started: commands for what already runs are in
 * this one file (the build makes it CommonJS, which starts faster) and are read by hardly any code. All others are in program.ts.
 */
import { exitCodeOf, reportError } from "./report-error.ts";
import { endWithReader } from "./steer/end-with-reader.ts";
import { quickCommand } from "./steer/quick.ts";

const quick = quickCommand(process.argv.slice(2));
if (quick) {
  endWithReader();
  quick.command.run(quick.given, quick.flags).catch((error: unknown) => {
    reportError(error);
    process.exitCode = exitCodeOf(error);
  });
} else {
  void import("./program.ts");
}
