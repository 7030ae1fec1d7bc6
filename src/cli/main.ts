#!/usr/bin/env node
/**
 * The command `mpits`: the seed kernels and a user's own programs from the terminal. It uses only the public API.
 * Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 interrupted by Ctrl-C.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { checkCommand } from "./check-command.ts";
import { addClusterOptions, addHostOptions } from "./cluster-options.ts";
import { matmulCommand, piCommand, primeCommand } from "./kernel-commands.ts";
import { exitCodeOf, reportError } from "./report-error.ts";
import { runCommand } from "./run-command.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("mpits")
  .description("One job on a handful of machines: rank actors on message queues.")
  .version(version, "-V, --version")
  .showHelpAfterError("(mpits --help lists commands and options)")
  .exitOverride()
  .enablePositionalOptions();

addClusterOptions(program.command("prime <n>"))
  .description("tell whether n is prime, by trial division on all ranks")
  .action(primeCommand);

addClusterOptions(program.command("matmul <a.npy> <b.npy>"))
  .description("multiply two matrices in numpy's .npy format")
  .requiredOption("-o, --output <c.npy>", "where the product goes")
  .action(matmulCommand);

addClusterOptions(program.command("pi [samples]"))
  .description("estimate pi by Monte Carlo (default: 10 million samples)")
  .option("--seed <seed>", "the same seed gives the same digits on any number of ranks")
  .action(piCommand);

addClusterOptions(program.command("run <file> [args...]"))
  .description(
    "run a program that uses mpits; the options are its configuration where it gives none to configureInfra or launchCluster",
  )
  .passThroughOptions()
  .action(runCommand);

addHostOptions(program.command("check"))
  .description("tell whether the hosts can be used, how far each gets, how fast it is, and what to try where it can't")
  .action(checkCommand);

for (const command of program.commands) {
  command.exitOverride().showHelpAfterError(`(mpits ${command.name()} --help explains its options)`);
  if (command.name() !== "run") command.addOption(new Option("--json", "print one line of JSON"));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    reportError(error);
    process.exitCode = exitCodeOf(error);
  }
}
