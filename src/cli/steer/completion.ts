/** `mpits completion`: scripts for bash, zsh and fish, made from the commands themselves. Jobs are asked for when Tab is pressed. */
import type { Command } from "commander";
import { UsageError } from "../../errors.ts";

/** A command as completion sees it. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flags: readonly string[]; readonly description: string }[];
  /** What its first argument is. */
  readonly argument: "job" | "file" | "shell" | undefined;
}

const shells = ["bash", "zsh", "fish"] as const;

export function completionCommand(shell: string, program: Command): void {
  if (!(shells as readonly string[]).includes(shell))
    throw new UsageError(`there are completions for ${shells.join(", ")}, not for ${JSON.stringify(shell)}.`);
  const commands = commandWords(program);
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  process.stdout.write(scripts[shell as (typeof shells)[number]](commands));
}

function commandWords(program: Command): Words[] {
  const visible = program.createHelp().visibleCommands(program);
  return visible
    .filter((command) => command.name() !== "help")
    .map((command) => ({
      name: command.name(),
      description: command.description(),
      options: [...command.options.filter(({ hidden }) => !hidden), undefined].map((option) => ({
        flags: option ? [option.short, option.long].filter((flag) => flag != null) : ["--help"],
        description: option?.description ?? "display help for command",
      })),
      argument: argumentOf(command),
    }));
}

function argumentOf(command: Command): Words["argument"] {
  const name = command.registeredArguments[0]?.name();
  if (name === undefined) return undefined;
  if (name.startsWith("job")) return "job";
  if (name === "shell") return "shell";
  return name.includes("file") || name.endsWith(".npy") ? "file" : undefined;
}

function bashScript(commands: readonly Words[]): string {
  const cases = commands.map(
    ({ name, options }) => `    ${name}) options="${options.flatMap(({ flags }) => flags).join(" ")}" ;;`,
  );
  return `# Completion of mpits for bash. Load it with: source <(mpits completion bash)
_mpits() {
  # The word from the line itself: bash parts words at colons, and then completes only what stands after the last one.
  local word="\${COMP_LINE:0:COMP_POINT}" command="\${COMP_WORDS[1]}" options="" before=""
  word="\${word##* }"
  [[ "$word" == *:* && "$COMP_WORDBREAKS" == *:* ]] && before="\${word%"\${word##*:}"}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$word"))
    return
  fi
  case "$command" in
${cases.join("\n")}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  case "$command" in
    ${namesWith(commands, "job").join("|")}) COMPREPLY=($(compgen -W "$(mpits complete-job 2>/dev/null)" -- "$word")) ;;
    ${namesWith(commands, "shell").join("|")}) COMPREPLY=($(compgen -W "${shells.join(" ")}" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
  [ -n "$before" ] && COMPREPLY=("\${COMPREPLY[@]#"$before"}")
}
complete -o filenames -F _mpits mpits
`;
}

function zshScript(commands: readonly Words[]): string {
  const names = commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, argument }) => {
    const specs = options.flatMap(({ flags, description }) =>
      flags.map((flag) => quote(`${flag}[${zshText(description)}]`)),
    );
    const rest = { job: "'1:job:_mpits_jobs'", shell: `'1:shell:(${shells.join(" ")})'`, file: "'*:file:_files'" };
    return `    ${name}) _arguments ${[...specs, argument ? rest[argument] : "'*: :'"].join(" ")} ;;`;
  });
  return `#compdef mpits
# Completion of mpits for zsh. Load it with: source <(mpits completion zsh)
_mpits_jobs() {
  local -a jobs
  jobs=(\${(f)"$(mpits complete-job 2>/dev/null)"})
  compadd -a jobs
}
_mpits() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _mpits mpits
`;
}

function fishScript(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, description, options, argument }) => {
    const here = `-n "__fish_seen_subcommand_from ${name}"`;
    const given = {
      job: [`complete -c mpits ${here} -f -a "(mpits complete-job 2>/dev/null)" -d job`],
      shell: [`complete -c mpits ${here} -f -a "${shells.join(" ")}"`],
      file: [`complete -c mpits ${here} -F`],
    };
    return [
      `complete -c mpits -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
      ...(argument ? given[argument] : []),
      ...options.map(({ flags, description: text }) => {
        const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        return `complete -c mpits ${here} ${names.join(" ")} -d ${quote(text)}`;
      }),
    ];
  });
  return `# Completion of mpits for fish. Load it with: mpits completion fish | source\n${lines.join("\n")}\n`;
}

function namesWith(commands: readonly Words[], argument: Words["argument"]): string[] {
  return commands.filter((command) => command.argument === argument).map(({ name }) => name);
}

/** Brackets and colons mean something in a specification of zsh's. */
function zshText(text: string): string {
  return text.replace(/[[\]:]/g, "\\$&");
}

/** In single quotes, for all three shells. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
