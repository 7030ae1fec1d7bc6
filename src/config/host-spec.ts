/**
 * `HostSpec`: all that the launchers need to know of one host. Made of host entries, wherever those were written
 * (options, hostfile, cluster file), and of what holds for all hosts.
 */

/** How a host process is started: as a child process of the driver, or by ssh. */
type HostLauncher = "local" | "ssh";

/** One host, everything settled. What is undefined is left to ssh's own configuration, or to the launcher's default. */
export interface HostSpec {
  /** Unique in the cluster; names the host in errors, logs and `World.hosts`. */
  readonly name: string;
  /** Host name or IP address to reach it by. IPv6 without brackets. */
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
  /** Ranks on this host, 1 or more. */
  readonly slots: number;
  /** Private key file on the driver's machine. */
  readonly identityFile?: string;
  /** Node executable on that host. */
  readonly nodeExecutable?: string;
  readonly workingDir?: string;
  /** Hosts to go through, as ssh's ProxyJump writes them: `user@gateway:22`, several separated by commas. */
  readonly jump?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the configuration's. */
  readonly nice?: number;
  readonly launcher: HostLauncher;
}

/** A host as somebody wrote it: what they left out is undefined; a range of names stands for several hosts. */
export interface HostEntry extends Partial<Omit<HostSpec, "address" | "launcher">> {
  /** One address, or those that a range stands for. */
  readonly addresses: readonly string[];
  readonly launcher?: HostLauncher | "auto";
  /** At most so many ranks, whatever the default number is. */
  readonly maxSlots?: number;
  /** Where it was written, for errors: `hosts.1`, `hosts.txt:3:1`. */
  readonly where: string;
}

/** What holds for every host that does not say otherwise. */
export interface HostDefaults extends Partial<Omit<HostSpec, "name" | "address" | "launcher" | "slots">> {
  readonly slots: number;
  readonly launcher: HostLauncher | "auto";
}

const ownMachine = ["localhost", "127.0.0.1", "::1"];

/**
 * Host entries as host specs, in the order written. A host of the driver's own machine may stand there several times (one process
 * each: `localhost`, `localhost#2`); any other only once.
 *
 * @returns the specs, and a text for each host that is listed twice
 */
export function toHostSpecs(
  entries: readonly HostEntry[],
  defaults: HostDefaults,
): { readonly hosts: HostSpec[]; readonly problems: string[] } {
  const problems: string[] = [];
  const seen = new Map<string, { readonly where: string; count: number }>();
  const unique = (spec: HostSpec, where: string): HostSpec => {
    const before = seen.get(spec.name);
    if (!before) seen.set(spec.name, { where, count: 1 });
    else if (spec.launcher === "local") return { ...spec, name: `${spec.name}#${++before.count}` };
    else problems.push(twice(spec, before.where, where));
    return spec;
  };
  const hosts = entries.flatMap((entry) =>
    entry.addresses.map((address) => unique(toHostSpec(entry, address, defaults), entry.where)),
  );
  return { hosts, problems };
}

function toHostSpec(entry: HostEntry, address: string, defaults: HostDefaults): HostSpec {
  const launcher = launcherOf(entry, address, defaults);
  const wanted = entry.slots ?? defaults.slots;
  const spec = {
    name: entry.name ?? address,
    address,
    slots: Math.min(wanted, entry.maxSlots ?? wanted),
    nodeExecutable: entry.nodeExecutable ?? defaults.nodeExecutable,
    workingDir: entry.workingDir ?? defaults.workingDir,
    env: defaults.env || entry.env ? { ...defaults.env, ...entry.env } : undefined,
    nice: entry.nice,
    launcher,
    ...(launcher === "ssh" && {
      user: entry.user ?? defaults.user,
      port: entry.port ?? defaults.port,
      identityFile: entry.identityFile ?? defaults.identityFile,
      jump: entry.jump ?? defaults.jump,
    }),
  };
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as HostSpec;
}

/** A user, a port or a jump of its own only makes sense over ssh, be it to this machine. */
function launcherOf(entry: HostEntry, address: string, defaults: HostDefaults): HostLauncher {
  const launcher = entry.launcher ?? defaults.launcher;
  if (launcher !== "auto") return launcher;
  const needsSsh = entry.user !== undefined || entry.port !== undefined || entry.jump !== undefined;
  return ownMachine.includes(address) && !needsSsh ? "local" : "ssh";
}

function twice({ name, address }: HostSpec, first: string, second: string): string {
  const at = first === second ? `twice at ${first}` : `at ${first} and again at ${second}`;
  return (
    `host "${name}" is listed ${at}; list it once with more slots, ` +
    `or give each a name of its own, such as { name: "${name}-b", host: "${address}" }.`
  );
}
