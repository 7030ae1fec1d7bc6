/**
 * What runs on a host before our host process does: a POSIX shell script that finds Node, checks that this package is there in the
 * same version, and then becomes the host process. It is sent over stdin to `sh -s`, so that no shell of the user's has to
 * quote it and nothing of it is seen in a list of processes. It tells how far it came by marked lines (`announcement.ts`):
 *
 * - `node VERSION PATH`: found one that is new enough; `old VERSION PATH`: one that is not; `bad PATH`: one that does not run
 * - `none`: there is no other; `nodir PATH`: no such working directory; `missing PATH`: the package is not there
 * - `package VERSION`: which one it is
 *
 * When the project is sent, a receiver runs between the search for Node and the rest, and tells by marked lines of its own (`receiver.ts`).
 */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { announceFlag, silenceLimitMs } from "../../host/announcement.ts";
import { keptTrees, receiverText } from "../sync/receiver.ts";

/** The command for the ssh exec: every shell understands it. */
export const remoteCommand = "exec sh -s";

/** Oldest Node that can run us. */
export const oldestNodeMajor = 20;

export interface RemoteScriptOptions {
  /** What the user said; undefined: look for it. */
  readonly nodeExecutable: string | undefined;
  /** Must be there. */
  readonly workingDir: string | undefined;
  /** Where to work when that is not given: the driver's own directory, if the host has it too. */
  readonly driverDir: string;
  /** Path of dist/host/host-main.cjs, the same on all machines. */
  readonly hostMain: string;
  /** Path of this package's package.json. */
  readonly manifest: string;
  readonly packageVersion: string;
  /** Options for Node in front of `hostMain`. */
  readonly nodeArguments: readonly string[];
  /** The project that is sent first. */
  readonly sync?: SyncScript | undefined;
}

/** Paths are within the tree that the project becomes on the host. */
interface SyncScript {
  /** The name of the project's content. */
  readonly id: string;
  /** Where to work; undefined: `workingDir` has no counterpart. */
  readonly dir: string | undefined;
  readonly hostMain: string;
  readonly manifest: string;
  /** Where a folder or file of the driver is; undefined for one that is not sent. */
  treePathOf(path: string): string | undefined;
}

/** Where Node version managers put it: folders with one folder for each version, and what follows that. */
const versionFolders = [
  [`\${NVM_DIR:-$HOME/.nvm}/versions/node`, "bin/node"],
  [`\${FNM_DIR:-\${XDG_DATA_HOME:-$HOME/.local/share}/fnm}/node-versions`, "installation/bin/node"],
  ["$HOME/.fnm/node-versions", "installation/bin/node"],
  ["$HOME/Library/Application Support/fnm/node-versions", "installation/bin/node"],
  [`\${VOLTA_HOME:-$HOME/.volta}/tools/image/node`, "bin/node"],
  [`\${ASDF_DATA_DIR:-$HOME/.asdf}/installs/nodejs`, "bin/node"],
  [`\${MISE_DATA_DIR:-\${XDG_DATA_HOME:-$HOME/.local/share}/mise}/installs/node`, "bin/node"],
  ["$HOME/.nodenv/versions", "bin/node"],
  [`\${N_PREFIX:-$HOME/n}/n/versions/node`, "bin/node"],
] as const;

/** Other places, the last ones of the package managers. */
const places = [
  "$HOME/.local/bin/node",
  "/usr/local/bin/node",
  "/opt/homebrew/bin/node",
  "/home/linuxbrew/.linuxbrew/bin/node",
  "/snap/bin/node",
  "/opt/node/bin/node",
];

/** For people: where it was looked for. */
export const searchedPlaces =
  "on PATH, where nvm, fnm, volta, asdf, mise and n put it, in /usr/local and /opt, and by a login shell";

export function remoteScript(options: RemoteScriptOptions): string {
  const command = [
    'exec "$node"',
    ...options.nodeArguments.map((argument) => nodeArgument(argument, options.sync)),
    '"$main"',
    announceFlag,
  ].join(" ");
  return `
wanted=${quoted(options.nodeExecutable ?? "")}
dir=${quoted(options.workingDir ?? "")}
driver_dir=${quoted(options.driverDir)}
main=${quoted(options.hostMain)}
manifest=${quoted(options.manifest)}
version=${quoted(options.packageVersion)}
${functions}
mpits() {
  find_node || { say none; exit 66; }
${options.sync ? syncLines(options.sync) : ""}  if [ -n "$dir" ]; then CDPATH= cd -- "$(home "$dir")" 2>/dev/null || { say nodir "$dir"; exit 66; }
  else CDPATH= cd -- "$driver_dir" 2>/dev/null || :
  fi
  [ -f "$main" ] || { say missing "$main"; exit 66; }
  have=
  read_version 2>/dev/null <"$manifest"
  say package "$have"
  [ "$have" = "$version" ] || exit 66
  ${command}
}
mpits
`;
}

/** A loader is named by its path at the driver, or by its URL. */
function nodeArgument(argument: string, sync: SyncScript | undefined): string {
  const [, option = "", value = ""] = /^(--[^=]+=)?(.*)$/s.exec(argument) ?? [];
  const path = value.startsWith("file:") ? fileURLToPath(value) : value;
  const inTree = isAbsolute(path) ? sync?.treePathOf(path) : undefined;
  return inTree === undefined ? quoted(argument) : `${quoted(option)}"$tree"/${quoted(inTree)}`;
}

/** Runs the receiver; from then on everything is in its tree. */
function syncLines({ id, dir, hostMain, manifest }: SyncScript): string {
  return `  cache=\${XDG_CACHE_HOME:-$HOME/.cache}/mpits
  "$node" -e ${quoted(receiverText())} "$cache" ${id} ${keptTrees} ${silenceLimitMs} || exit 74
  tree=$cache/trees/${id}
  main=$tree/${quoted(hostMain)}
  manifest=$tree/${quoted(manifest)}
${dir === undefined ? "" : `  dir=$tree/${quoted(dir)}\n`}`;
}

/** As a word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// What a script runs must not read from stdin: there is the rest of the script, and then what is meant for the host process.
const functions = `
say() { printf '@mpits %s\\n' "$*"; }
# By the shell alone: a program for it would take a hundredth of a second of each host.
read_version() {
  while IFS= read -r line; do
    case \${line#"\${line%%[! ]*}"} in '"version":'*) line=\${line#*:*\\"}; have=\${line%%\\"*}; return ;; esac
  done
}
home() { case $1 in "~/"*) printf '%s\\n' "$HOME/\${1#??}" ;; *) printf '%s\\n' "$1" ;; esac; }
try() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  v=$("$1" -v 2>/dev/null </dev/null) || { say bad "$1"; return 1; }
  major=\${v#v}; major=\${major%%.*}
  case $major in "" | *[!0-9]*) say bad "$1"; return 1 ;; esac
  [ "$major" -ge ${oldestNodeMajor} ] || { say old "$v" "$1"; return 1; }
  node=$1
  say node "$v" "$1"
}
newest_in() {
  for each in $(ls "$1" 2>/dev/null | sed -n 's/^v\\{0,1\\}\\([0-9][0-9.]*\\)$/\\1/p' | sort -t . -k 1,1nr -k 2,2nr -k 3,3nr); do
    try "$1/v$each/$2" || try "$1/$each/$2" || continue
    return 0
  done
  return 1
}
on_path() { c=$(command -v "$1" 2>/dev/null) && try "$c"; }
by_login_shell() {
  case $1 in *[!A-Za-z0-9._+-]*) return 1 ;; esac
  c=$("\${SHELL:-sh}" -lc "command -v $1" 2>/dev/null </dev/null | grep '^/' | tail -n 1)
  [ -n "$c" ] && try "$c"
}
find_node() {
  case $wanted in
    "") ;;
    */*) try "$(home "$wanted")"; return ;;
    *) on_path "$wanted" || by_login_shell "$wanted"; return ;;
  esac
  on_path node && return
${versionFolders.map(([folder, rest]) => `  newest_in "${folder}" ${rest} && return`).join("\n")}
  for each in ${places.map((place) => `"${place}"`).join(" ")}; do try "$each" && return; done
  by_login_shell node
}
`;
