/**
 * All commands of `mpits` with their help: the seed kernels and a user's own programs from the terminal. It uses only the public API.
 * Exit codes: 0 done, 1 the job failed, 2 wrong usage, 130 interrupted by Ctrl-C; 3 to 6 are in steer/steer-error.ts.
 * What a command needs is loaded when it runs.
 */
import { Command, CommanderError, Option } from "commander";
import { packageVersion } from "../package-version.ts";
import { addClusterOptions, addHostOptions } from "./cluster-options.ts";
import { exitCodeOf, reportError } from "./report-error.ts";
import { addSteerCommands } from "./steer/add-commands.ts";

const program = new Command("mpits")
  .description("One job on a handful of machines: rank actors on message queues.")
  .version(packageVersion(), "-V, --version")
  .showHelpAfterError("(mpits --help lists commands and options)")
  .exitOverride()
  .enablePositionalOptions();

addClusterOptions(program.command("prime <n>"))
  .description("tell whether n is prime, by trial division on all ranks")
  .action(async (n, flags) => (await kernelCommands()).primeCommand(n, flags));

addClusterOptions(program.command("matmul <a.npy> <b.npy>"))
  .description("multiply two matrices in numpy's .npy format")
  .requiredOption("-o, --output <c.npy>", "where the product goes")
  .action(async (a, b, flags) => (await kernelCommands()).matmulCommand(a, b, flags));

addClusterOptions(program.command("pi [samples]"))
  .description("estimate pi by Monte Carlo (default: 10 million samples)")
  .option("--seed <seed>", "the same seed gives the same digits on any number of ranks")
  .action(async (samples, flags) => (await kernelCommands()).piCommand(samples, flags));

addClusterOptions(program.command("run <file> [args...]"))
  .description(
    "run a program: on every rank, when it imports mpits/program; else here, with these options where it gives none to configureInfra or launchCluster",
  )
  .option("--no-rank-prefix", "what ranks write without their number in front")
  .option("--no-detect-deadlocks", "let ranks wait for each other for ever")
  .passThroughOptions()
  .action(async (file, args, flags) => (await import("./run-command.ts")).runCommand(file, args, flags));

addHostOptions(program.command("check"))
  .description("tell whether the hosts can be used, how far each gets, how fast it is, and what to try where it can't")
  .action(async (flags) => (await import("./check-command.ts")).checkCommand(flags));

addSteerCommands(program);

const printsOneThing = ["prime", "matmul", "pi", "check"];
for (const command of program.commands) {
  command.exitOverride().showHelpAfterError(`(mpits ${command.name()} --help explains its options)`);
  if (printsOneThing.includes(command.name())) command.addOption(new Option("--json", "print one line of JSON"));
}

/** The runtime. */
function kernelCommands() {
  return import("./kernel-commands.ts");
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
