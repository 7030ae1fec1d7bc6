/**
 * `parseConfiguration`: checks what the user wrote, reads the hostfile or the cluster file, fills in defaults, settles the hosts.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, homedir, hostname } from "node:os";
import { checkOptions, UsageError } from "../errors.ts";
import { parseClusterFile } from "./cluster-file.ts";
import type { Configuration } from "./configuration.ts";
import { defined, hostKeys } from "./host-schema.ts";
import { type HostEntry, type HostSpec, toHostSpecs } from "./host-spec.ts";
import { parseHostfile } from "./hostfile.ts";
import { type Problem, problemLine, problemsOf } from "./problems.ts";
import { type CheckedInput, configurationKeys, configurationSchema } from "./schema.ts";

/** What the configuration takes from the machine; tests put their own in. */
export interface Surroundings {
  readText(path: string): string;
  readonly cores: number;
  readonly hostname: string;
  readonly home: string;
}

const thisMachine = (): Surroundings => ({
  readText: (path) => readFileSync(path, "utf8"),
  cores: availableParallelism(),
  hostname: hostname(),
  home: homedir(),
});

const hostSources = ["hosts", "hostfile", "clusterFile"] as const;

/**
 * @param input an object of options, see docs/configuration.md; every key is optional
 * @returns the complete configuration, frozen
 * @throws UsageError that lists everything that is wrong, one per line: `"perNodeCores" must be a whole number of 1 or more, got "4" (string).`
 */
export function parseConfiguration(input: unknown = {}, surroundings: Surroundings = thisMachine()): Configuration {
  checkOptions("configuration", input);
  const parsed = configurationSchema.safeParse(input);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues, input, knownKeys).map(problemLine);
  refuse([...problems, ...sourceProblems(input)]);
  const checked = parsed.data!;
  const perNodeCores = checked.perNodeCores ?? surroundings.cores;
  const hosts = firstHosts(resolveHosts(checked, perNodeCores, surroundings), checked.numWorkerNodes);
  refuseMany(perNodeCores, hosts);
  return deepFreeze({
    ...defaults,
    masterNode: surroundings.hostname,
    perNodeThreads: perNodeCores,
    ...withHome(checked, surroundings.home),
    perNodeCores,
    hosts,
    numWorkerNodes: hosts.length,
  });
}

const defaults = {
  hostfile: undefined,
  clusterFile: undefined,
  inspect: false,
  timeJob: false,
  progressToTerminal: false,
  sshUser: undefined,
  sshPort: 22,
  sshIdentityFile: undefined,
  nodeExecutable: "node",
  workingDir: undefined,
  connectTimeoutS: 10,
  launcher: "auto",
  cancelGraceMs: 5000,
  logLevel: "warn",
  bind: undefined,
  port: undefined,
  tunnel: false,
  insecure: false,
  acceptNewHostKeys: false,
  sync: false,
  hostSilenceMs: 5000,
  leaseMs: 10_000,
  rankPrefix: true,
  cancelOnInterrupt: true,
  detectDeadlocks: true,
  nice: 0,
  env: {},
  rankMemoryMb: undefined,
} as const satisfies Partial<Configuration>;

function knownKeys(path: Problem["path"]): readonly string[] {
  return path[0] === "hosts" ? hostKeys : configurationKeys;
}

/** Hosts come from one place; of two we could only guess which one was meant. */
function sourceProblems(input: unknown): string[] {
  const given = hostSources.filter((key) => (input as Record<string, unknown> | null)?.[key] !== undefined);
  if (given.length < 2) return [];
  const all = given.map((key) => `"${key}"`);
  const names = `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
  return [`${names} ${given.length > 2 ? "all" : "both"} name the hosts; give only one of them.`];
}

function resolveHosts(checked: CheckedInput, perNodeCores: number, surroundings: Surroundings): HostSpec[] {
  const { hosts, problems } = toHostSpecs(
    entriesOf(checked, surroundings).map((entry) =>
      defined({ ...entry, identityFile: fromHome(entry.identityFile, surroundings.home) }),
    ),
    {
      slots: perNodeCores,
      launcher: checked.launcher ?? defaults.launcher,
      // Only what was said: where nobody names a user or a port, ssh's own configuration may.
      ...defined({
        user: checked.sshUser,
        port: checked.sshPort,
        identityFile: fromHome(checked.sshIdentityFile, surroundings.home),
        nodeExecutable: checked.nodeExecutable,
        workingDir: checked.workingDir,
        env: checked.env,
      }),
    },
  );
  refuse(problems);
  return hosts;
}

function entriesOf({ hosts, hostfile, clusterFile }: CheckedInput, surroundings: Surroundings): HostEntry[] {
  if (hostfile !== undefined) return parseHostfile(readFile("hostfile", hostfile, surroundings), hostfile);
  if (clusterFile !== undefined)
    return parseClusterFile(readFile("clusterFile", clusterFile, surroundings), clusterFile);
  return (hosts ?? []).map((host, index) => ({ ...host, where: `hosts.${index}` }));
}

function readFile(option: string, path: string, { readText, home }: Surroundings): string {
  try {
    return readText(fromHome(path, home)!);
  } catch (error) {
    const why = (error as Error).message;
    throw new UsageError(`"${option}" must be a file that can be read, got "${path}" (string): ${why}.`, {
      cause: error,
    });
  }
}

/** Each rank of a host process has a thread and 13 MB: more than this is a slip of the finger. */
const mostRanksPerHost = 4096;

function refuseMany(perNodeCores: number, hosts: readonly HostSpec[]): void {
  const here = hosts.length === 0 && perNodeCores > mostRanksPerHost ? [`"perNodeCores": ${perNodeCores} ranks`] : [];
  const there = hosts.filter(({ slots }) => slots > mostRanksPerHost);
  const problems = [...here, ...there.map(({ name, slots }) => `host "${name}": ${slots} ranks`)];
  refuse(problems.map((problem) => `${problem} are more than one host can have, ${mostRanksPerHost}.`));
}

/** The first `numWorkerNodes` of them, or all. */
function firstHosts(hosts: HostSpec[], numWorkerNodes = hosts.length): HostSpec[] {
  if (numWorkerNodes > hosts.length)
    refuse([
      `"numWorkerNodes" must be at most ${hosts.length}, the number of hosts that are named, got ${numWorkerNodes}.`,
    ]);
  return hosts.slice(0, numWorkerNodes);
}

function withHome(checked: CheckedInput, home: string) {
  const paths = {
    sshIdentityFile: fromHome(checked.sshIdentityFile, home),
    hostfile: fromHome(checked.hostfile, home),
    clusterFile: fromHome(checked.clusterFile, home),
  };
  return defined({ ...checked, ...paths });
}

/** `~/` as the shell has it, for paths on the driver's machine. */
function fromHome(path: string | undefined, home: string): string | undefined {
  return path?.replace(/^~(?=\/|$)/, () => home);
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
