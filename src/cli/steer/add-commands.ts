/** The table of steering commands as commander takes it. */
import type { Command } from "commander";
import { steerCommands } from "./commands.ts";
import { endWithReader } from "./end-with-reader.ts";

export function addSteerCommands(program: Command): void {
  for (const { name, description, arguments: given = [], options = [], hidden = false, run } of steerCommands) {
    const command = program.command(name, { hidden }).description(description);
    for (const argument of given) command.argument(argument.name, argument.description);
    for (const [flags, text] of options) command.option(flags, text);
    command.action(async () => {
      endWithReader();
      await run(command.args, command.opts());
    });
  }
  program
    .command("completion <shell>")
    .description("print the completion script for bash, zsh or fish")
    .action(async (shell) => (await import("./completion.ts")).completionCommand(shell, program));
}
