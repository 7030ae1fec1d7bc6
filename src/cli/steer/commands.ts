/** The commands for what already runs: other drivers of the same user on this machine. Each loads what it does when it is called. */
import type { Command } from "commander";

const jobText = "a job as mpits ps shows it, or the beginning of its id; may be left out where one job runs";

export function addSteerCommands(program: Command): void {
  program
    .command("ps")
    .description("list the programs of yours that run on this machine with mpits, and their jobs")
    .option("-a, --all", "also jobs that are over")
    .option("--json", "print one line of JSON")
    .hook("preAction", endWithReader)
    .action(async (flags) => (await import("./ps.ts")).psCommand(flags));
  withJob(program.command("inspect"), "[job[:rank]]")
    .description("show a job's state machine, its ranks and its last transitions")
    .option("-w, --watch", "then tell every transition as it comes, until the job is over")
    .option("--last <count>", "how many of the last transitions (default: 10; of all ranks together)")
    .option("--json", "print JSON: one line, or with --watch one for each transition")
    .option("--open", "open the inspector's page in a browser, and print its address")
    .action(async (job, flags) => (await import("./inspect.ts")).inspectCommand(job, flags));
  withJob(program.command("report"))
    .description("write what is known of a job to files")
    .option("-o, --output <report.html>", "all views of the inspector, on a page that stands alone")
    .option("--trace <trace.json>", "its states over time, for ui.perfetto.dev or chrome://tracing")
    .option("--ndjson <records.ndjson>", "its transitions, a line of JSON each")
    .action(async (job, flags) => (await import("./report.ts")).reportCommand(job, flags));
  withJob(program.command("logs"))
    .description("print what a job's ranks have written, and the log")
    .option("-f, --follow", "go on until the job is over")
    .option("-r, --ranks <list>", "only these ranks: 0,2-3")
    .option("--tail <count>", "only the last lines of what is there")
    .option("--json", "print one line of JSON for each line")
    .action(async (job, flags) => (await import("./logs.ts")).logsCommand(job, flags));
  withJob(program.command("cancel"))
    .description("cancel a job, and wait until all its ranks are idle")
    .option("--grace <duration>", "end the threads of kernels that go on for longer: 5s, 500ms")
    .option("--force", "end the threads at once, without waiting for the kernels")
    .option("--reason <text>", "what its error says")
    .action(async (job, flags) => (await import("./cancel.ts")).cancelCommand(job, flags));
  withJob(program.command("send"), "<job[:rank]>")
    .argument("<event>", "an event that its machine takes now from users: job.cancel")
    .description("send an event to a job's state machine")
    .option("--data <json>", `what the event carries: '{"reason":"enough"}'`)
    .action(async (job, event, flags) => (await import("./send.ts")).sendCommand(job, event, flags));
  withJob(program.command("watch"))
    .description("follow a job: a bar, and a line per host")
    .action(async (job) => (await import("./watch.ts")).watchCommand(job));
  program
    .command("clean")
    .description("remove what dead programs have left behind")
    .action(async () => (await import("./clean.ts")).cleanCommand());
  program
    .command("completion <shell>")
    .description("print the completion script for bash, zsh or fish")
    .action(async (shell) => (await import("./completion.ts")).completionCommand(shell, program));
  program
    .command("complete-job", { hidden: true })
    .action(async () => (await import("./completion.ts")).completeJobCommand());
}

/** `mpits logs | head` is no failure. */
function endWithReader(): void {
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") process.exit();
  });
}

function withJob(command: Command, argument = "[job]"): Command {
  return command.argument(argument, jobText).hook("preAction", endWithReader);
}
