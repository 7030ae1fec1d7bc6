/**
 * Where a host is and how to log in there: what its spec says, and for the rest what ssh's own configuration says, as `ssh -G`
 * resolves it (Include, Match and all). Where there is no ssh program, ssh's usual defaults hold.
 */
import { execFile } from "node:child_process";
import { homedir, userInfo } from "node:os";
import type { HostSpec } from "../../config/host-spec.ts";
import { reasonOf, Trouble } from "./trouble.ts";

/** One machine to log in to, everything settled. */
export interface SshTarget {
  /** What the user calls it. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** 0 either, 4 or 6. */
  readonly addressFamily: 0 | 4 | 6;
  /** Name to look up in known_hosts instead of host name and port. */
  readonly hostKeyAlias: string | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly acceptNew: boolean;
  /** The file that the spec names: tried before all others, and missed when it is not there. */
  readonly identityFile: string | undefined;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket. */
  readonly agent: string | undefined;
  readonly jumps: readonly string[];
  /** How a person would try it: `ssh -p 2222 me@node9 true`. */
  readonly command: string;
}

/** What resolving takes from the machine. */
export interface SshSettings {
  /** A configuration file instead of ~/.ssh/config and /etc/ssh/ssh_config, as `ssh -F`. */
  readonly configFile: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The ssh program, only ever asked with -G. */
  readonly program: string;
}

/** How one machine is named: by a host's spec, or in a list of jump hosts. */
type Named = Pick<HostSpec, "name" | "address" | "user" | "port" | "identityFile" | "jump">;

/** Jump hosts that themselves need jump hosts: no deeper than this. */
const mostJumps = 8;

/** @returns the jump hosts in the order to go through, then the host itself */
export async function resolveTargets(spec: HostSpec, settings: SshSettings): Promise<SshTarget[]> {
  const chain: SshTarget[] = [await resolveTarget(spec, settings)];
  while (chain[0]!.jumps.length > 0) {
    if (chain.length > mostJumps)
      throw new Trouble(`its jump hosts lead through more than ${mostJumps} others`, {
        remedy: `Look for a circle in the ProxyJump lines that "ssh -G ${spec.address}" shows.`,
        timeless: true,
      });
    // The host's own key file is offered to its jump hosts too: nothing else in a spec could name one for them.
    const hops = chain[0]!.jumps.map((jump) => ({ ...parseJump(jump), identityFile: spec.identityFile }));
    const targets = await Promise.all(hops.map((hop) => resolveTarget(hop as Named, settings)));
    // As in OpenSSH: the first jump host may need others; the rest are reached through the one before.
    chain.unshift(...targets);
  }
  return chain;
}

async function resolveTarget(named: Named, settings: SshSettings): Promise<SshTarget> {
  const options = await askSsh(named, settings);
  return targetOf(named, options ?? usualOptions(), settings);
}

/** Keys in lower case with all their values, as `ssh -G` prints them. */
type SshOptions = ReadonlyMap<string, readonly string[]>;

/** Undefined when there is no ssh program. Options of the spec are passed on, so that Match lines see them and they win. */
function askSsh(named: Named, { configFile, program }: SshSettings): Promise<SshOptions | undefined> {
  const args = ["-G", ...(configFile === undefined ? [] : ["-F", configFile]), ...loginArguments(named)];
  return new Promise((resolve, reject) => {
    execFile(program, [...args, "--", named.address], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (!error) return resolve(parseSshOptions(stdout));
      if (error.code === "ENOENT") return resolve(undefined);
      const remedy = `Try "ssh ${args.join(" ")} ${named.address}" and correct the file that it names.`;
      const why = stderr.trim().replaceAll("\n", "; ") || reasonOf(error);
      reject(new Trouble(`ssh's configuration for ${named.address} can't be used: ${why}`, { remedy, cause: error }));
    });
  });
}

function loginArguments({ user, port, jump }: Named): string[] {
  return [
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(jump === undefined ? [] : ["-J", jump]),
  ];
}

export function parseSshOptions(text: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const each of text.split("\n")) {
    const [, key, value] = /^(\S+) (.*)$/.exec(each.trimEnd()) ?? [];
    if (key === undefined || value === undefined) continue;
    const values = options.get(key);
    if (values) values.push(value);
    else options.set(key, [value]);
  }
  return options;
}

function usualOptions(): SshOptions {
  const files = ["id_ed25519", "id_ecdsa", "id_rsa"].map((file) => `~/.ssh/${file}`);
  return new Map([
    ["identityfile", files],
    ["userknownhostsfile", ["~/.ssh/known_hosts ~/.ssh/known_hosts2"]],
    ["globalknownhostsfile", ["/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"]],
  ]);
}

function targetOf(named: Named, options: SshOptions, settings: SshSettings): SshTarget {
  const one = (key: string): string | undefined => {
    const value = options.get(key)?.[0];
    return value === undefined || value.toLowerCase() === "none" ? undefined : value;
  };
  refuseProxyCommand(named, one("proxycommand"));
  const hostname = one("hostname") ?? named.address;
  const port = Number(one("port") ?? named.port ?? 22);
  const user = one("user") ?? named.user ?? userInfo().username;
  const expand = expander({ hostname, port, user, named });
  const files = (key: string) => wordsOf(one(key) ?? "").map(expand);
  const identityFile = named.identityFile === undefined ? undefined : expand(named.identityFile);
  return {
    name: named.name,
    hostname,
    port,
    user,
    addressFamily: ({ inet: 4, inet6: 6 } as const)[one("addressfamily") ?? ""] ?? 0,
    hostKeyAlias: one("hostkeyalias"),
    knownHostsFiles: files("userknownhostsfile"),
    globalKnownHostsFiles: files("globalknownhostsfile"),
    acceptNew: one("stricthostkeychecking") === "accept-new",
    identityFile,
    identityFiles: (options.get("identityfile") ?? [])
      .map(expand)
      .filter((file) => file !== identityFile && file !== "none"),
    identitiesOnly: one("identitiesonly") === "yes",
    agent: agentOf(options.get("identityagent")?.[0], settings.environment, expand),
    jumps: (one("proxyjump") ?? named.jump ?? "").split(",").filter((jump) => jump !== ""),
    command: commandOf(named, settings),
  };
}

function refuseProxyCommand({ address }: Named, command: string | undefined): void {
  if (command === undefined) return;
  throw new Trouble(`ssh's configuration reaches ${address} by a ProxyCommand (${command}), which is not supported`, {
    remedy: `Use ProxyJump there, or "jump" in the host's entry.`,
    timeless: true,
  });
}

function agentOf(
  option: string | undefined,
  environment: SshSettings["environment"],
  expand: (text: string) => string,
): string | undefined {
  if (option === undefined || option === "SSH_AUTH_SOCK") return environment.SSH_AUTH_SOCK || undefined;
  if (option.toLowerCase() === "none") return undefined;
  return option.startsWith("$") ? environment[option.replace(/^\$\{?|\}$/g, "")] : expand(option);
}

/** `~` and the percent tokens that file names have (ssh_config(5), TOKENS). */
function expander({ hostname, port, user, named }: { hostname: string; port: number; user: string; named: Named }) {
  const tokens: Record<string, string> = {
    "%": "%",
    d: homedir(),
    h: hostname,
    i: String(userInfo().uid),
    n: named.address,
    p: String(port),
    r: user,
    u: userInfo().username,
    k: hostname,
  };
  return (path: string): string =>
    path.replace(/^~(?=\/|$)/, homedir()).replace(/%(.)/g, (all, token: string) => tokens[token] ?? all);
}

/** Words with spaces in between; one in quotes may contain some. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

/** `me@gateway:22`, `ssh://me@gateway:22`, `[::1]:22`. */
export function parseJump(text: string): Named {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  const address = bracketed ?? plain ?? text.trim(); // an IPv6 address without brackets and port
  const spec = { name: address, address, user, port: port === undefined ? undefined : Number(port) };
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as Named;
}

function commandOf(named: Named, { configFile }: SshSettings): string {
  const { user, identityFile, ...others } = named;
  const options = [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...(identityFile === undefined ? [] : ["-i", identityFile]),
    ...loginArguments(others),
  ];
  return ["ssh", ...options, user === undefined ? named.address : `${user}@${named.address}`, "true"].join(" ");
}
