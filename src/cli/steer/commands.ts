/**
 * The commands for what already runs: other drivers of the same user on this machine. As a table, for two who read it: commander,
 * which knows help and says what is wrong, and `quick.ts`, which starts without it. Each loads what it does when it is called.
 */

/** What was given for each option, by its long name: text, or true for one that takes none. Each command knows its own. */
export type Flags = Readonly<Record<string, never>>;

export interface SteerCommand {
  readonly name: string;
  readonly description: string;
  /** Those in angles must be given, those in square brackets may be. */
  readonly arguments?: readonly { readonly name: string; readonly description: string }[];
  /** As commander writes them: `-r, --ranks <list>`. Long names have no hyphens. */
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** For completion scripts, not for people. */
  readonly hidden?: boolean;
  run(given: readonly string[], flags: Flags): Promise<void>;
}

const jobText = "a job as mpits ps shows it, or the beginning of its id; may be left out where one job runs";
const job = { name: "[job]", description: jobText };

export const steerCommands: readonly SteerCommand[] = [
  {
    name: "ps",
    description: "list the programs of yours that run on this machine with mpits, and their jobs",
    options: [
      ["-a, --all", "also jobs that are over"],
      ["--json", "print one line of JSON"],
    ],
    run: async (_, flags) => (await import("./ps.ts")).psCommand(flags),
  },
  {
    name: "inspect",
    description: "show a job's state machine, its ranks and its last transitions",
    arguments: [{ name: "[job[:rank]]", description: jobText }],
    options: [
      ["-w, --watch", "then tell every transition as it comes, until the job is over"],
      ["--last <count>", "how many of the last transitions (default: 10; of all ranks together)"],
      ["--json", "print JSON: one line, or with --watch one for each transition"],
      ["--open", "open the inspector's page in a browser, and print its address"],
    ],
    run: async ([typed], flags) => (await import("./inspect.ts")).inspectCommand(typed, flags),
  },
  {
    name: "report",
    description: "write what is known of a job to files",
    arguments: [job],
    options: [
      ["-o, --output <report.html>", "all views of the inspector, on a page that stands alone"],
      ["--trace <trace.json>", "its states over time, for ui.perfetto.dev or chrome://tracing"],
      ["--ndjson <records.ndjson>", "its transitions, a line of JSON each"],
    ],
    run: async ([typed], flags) => (await import("./report.ts")).reportCommand(typed, flags),
  },
  {
    name: "logs",
    description: "print what a job's ranks have written, and the log",
    arguments: [job],
    options: [
      ["-f, --follow", "go on until the job is over"],
      ["-r, --ranks <list>", "only these ranks: 0,2-3"],
      ["--tail <count>", "only the last lines of what is there"],
      ["--json", "print one line of JSON for each line"],
    ],
    run: async ([typed], flags) => (await import("./logs.ts")).logsCommand(typed, flags),
  },
  {
    name: "cancel",
    description: "cancel a job, and wait until all its ranks are idle",
    arguments: [job],
    options: [
      ["--grace <duration>", "end the threads of kernels that go on for longer: 5s, 500ms"],
      ["--force", "end the threads at once, without waiting for the kernels"],
      ["--reason <text>", "what its error says"],
    ],
    run: async ([typed], flags) => (await import("./cancel.ts")).cancelCommand(typed, flags),
  },
  {
    name: "send",
    description: "send an event to a job's state machine",
    arguments: [
      { name: "<job[:rank]>", description: jobText },
      { name: "<event>", description: "an event that its machine takes now from users: job.cancel" },
    ],
    options: [["--data <json>", `what the event carries: '{"reason":"enough"}'`]],
    run: async ([typed, event], flags) => (await import("./send.ts")).sendCommand(typed!, event!, flags),
  },
  {
    name: "watch",
    description: "follow a job: a bar, and a line per host",
    arguments: [job],
    run: async ([typed]) => (await import("./watch.ts")).watchCommand(typed),
  },
  {
    name: "clean",
    description: "remove what dead programs have left behind",
    run: async () => (await import("./clean.ts")).cleanCommand(),
  },
  {
    name: "complete-job",
    description: "the jobs that run or wait, a line each",
    hidden: true,
    run: async () => (await import("./complete-job.ts")).completeJobCommand(),
  },
];
