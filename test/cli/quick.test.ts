/** Steering commands are read twice: quickly, and by commander. What the first takes, the second takes alike. */
import { Command } from "commander";
import fc from "fast-check";
import { addSteerCommands } from "../../src/cli/steer/add-commands.ts";
import { steerCommands } from "../../src/cli/steer/commands.ts";
import { quickCommand } from "../../src/cli/steer/quick.ts";

/** What commander makes of the words; undefined where it shows help or an error. */
function byCommander(args: readonly string[]): { name: string; given: string[]; flags: object } | undefined {
  const program = new Command("mpits").exitOverride().enablePositionalOptions();
  program.configureOutput({ writeOut() {}, writeErr() {} });
  addSteerCommands(program);
  let read: ReturnType<typeof byCommander>;
  for (const command of program.commands)
    command
      .exitOverride()
      .copyInheritedSettings(program)
      .action(() => {
        read = { name: command.name(), given: command.args, flags: command.opts() };
      });
  try {
    program.parse([...args], { from: "user" });
    return read;
  } catch {
    return undefined;
  }
}

const options = [...new Set(steerCommands.flatMap((command) => command.options ?? []).map(([flags]) => flags))];
const spellings = options.flatMap((flags) => {
  const [, short, long, value] = /^(?:(-\w), )?(--\w+)( <.*>)?$/.exec(flags)!;
  const all = [long!, ...(short === undefined ? [] : [short])];
  return value === undefined ? all : [...all, `${long}=5s`, `${long}=`, ...(short === undefined ? [] : [`${short}0`])];
});
const words = fc.oneof(
  fc.constantFrom(...spellings),
  fc.constantFrom("prime#1", ":2", "job.cancel", "5s", "", "-", "--", "--help", "-h", "-af", "--nosuch"),
);

test("the quick reading of a command line is commander's", () => {
  let taken = 0;
  const property = fc.property(
    fc.constantFrom(...steerCommands.map(({ name }) => name)),
    fc.array(words, { maxLength: 4 }),
    (name, rest) => {
      const quick = quickCommand([name, ...rest]);
      if (!quick) return;
      taken++;
      const { command, given, flags } = quick;
      expect({ name: command.name, given, flags }).toEqual(byCommander([name, ...rest]));
    },
  );
  fc.assert(property, { numRuns: 2000 });
  expect(taken).toBeGreaterThan(200);
});

test.each([
  [["cancel"], { given: [], flags: {} }],
  [["cancel", "prime#1", "--grace", "5s"], { given: ["prime#1"], flags: { grace: "5s" } }],
  [["logs", "-fr0,2-3"], { given: [], flags: { follow: true, ranks: "0,2-3" } }],
  [["send", "prime#1", "job.cancel"], { given: ["prime#1", "job.cancel"], flags: {} }],
])("%p is read quickly", (args, read) => {
  expect(quickCommand(args)).toMatchObject(read);
});

test.each([
  [[]],
  [["prime", "7"]],
  [["completion", "bash"]],
  [["cancel", "--help"]],
  [["cancel", "--grace"]],
  [["cancel", "one", "two"]],
  [["send", "prime#1"]],
])("%p is left to commander", (args: string[]) => {
  expect(quickCommand(args)).toBeUndefined();
});
