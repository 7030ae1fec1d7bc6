/**
 * Reads the command line of a steering command without commander, which takes as long to load as all that such a command does. What
 * is not plainly right, and `--help`, is left to it.
 */
import { parseArgs } from "node:util";
import { type Flags, type SteerCommand, steerCommands } from "./commands.ts";

/** A command and what it was given. */
export interface QuickCommand {
  readonly command: SteerCommand;
  readonly given: readonly string[];
  readonly flags: Flags;
}

/** @param args what stands behind `mpits`. @returns undefined for anything but a steering command that can be run. Pure. */
export function quickCommand([name, ...args]: readonly string[]): QuickCommand | undefined {
  const command = steerCommands.find((each) => each.name === name);
  if (!command) return undefined;
  const { arguments: wanted = [] } = command;
  try {
    const { values, positionals } = wordsOf(command, args);
    const needed = wanted.filter((each) => each.name.startsWith("<")).length;
    if (positionals.length < needed || positionals.length > wanted.length) return undefined;
    return { command, given: positionals, flags: { ...values } as Flags };
  } catch {
    return undefined; // commander says what is wrong with it
  }
}

function wordsOf({ options = [] }: SteerCommand, args: string[]) {
  if (!args.some((arg) => arg.startsWith("-"))) return { values: {}, positionals: args };
  return parseArgs({
    args,
    allowPositionals: true,
    options: Object.fromEntries(options.map(([flags]) => optionOf(flags))),
  });
}

/** `-r, --ranks <list>` as parseArgs takes it. */
function optionOf(flags: string): [string, { readonly type: "string" | "boolean"; readonly short?: string }] {
  const [, short, long = "", value] = /^(?:-(\w), )?--(\w+)( <.*>)?$/.exec(flags) ?? [];
  return [long, { type: value === undefined ? "boolean" : "string", ...(short !== undefined && { short }) }];
}
