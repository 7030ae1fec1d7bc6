/**
 * Brings hosts up: prepares all at the same time, then gives each its settings and waits until it has called back. When one
 * fails, nothing is left running on the others.
 */
import { type Configuration, threadsPerRank } from "../config/configuration.ts";
import { LaunchError } from "../errors.ts";
import type { PeerSettings } from "../host/peers/peer-door.ts";
import type {
  HostProcess,
  HostSettings,
  LaunchCallbacks,
  Launcher,
  PreparedHost,
  ProcessExit,
} from "../launch/launcher.ts";
import type { HostEntry } from "./host-entry.ts";
import type { NetworkDoor } from "./network-door.ts";

/** How often it is looked whether a host has called back in time. */
const tickMs = 100;

/** What bringing up needs of its cluster. */
export interface BringUpContext {
  readonly configuration: Configuration;
  readonly size: number;
  /** Endpoint for hosts of this machine. */
  readonly localEndpoint: string;
  /** Where hosts of this machine have their sockets. */
  readonly folder: string | undefined;
  readonly door: NetworkDoor | undefined;
  launcherOf(entry: HostEntry): Launcher;
  callbacks(entry: HostEntry): LaunchCallbacks;
  /** Gets the process as soon as there is one, so that it can be ended whatever happens. */
  started(entry: HostEntry, hostProcess: HostProcess): void;
  /** False while the cluster rests: a host may have called back, and nobody reads it. */
  isListening(): boolean;
}

/** @throws LaunchError of the first host that failed, with those of the others in its text. */
export async function bringUp(
  entries: readonly HostEntry[],
  context: BringUpContext,
  signal?: AbortSignal,
): Promise<void> {
  const prepared = await Promise.allSettled(
    entries.map((entry) =>
      context.launcherOf(entry).prepare(entry.spec!, { who: entry.who, ...(signal && { signal }) }),
    ),
  );
  const ready = prepared.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : undefined));
  if (ready.includes(undefined)) {
    await Promise.all(ready.map((host) => host?.abort()));
    throw firstOf(prepared);
  }
  throwIfAny(await Promise.allSettled(entries.map((entry, i) => startOne(entry, ready[i]!, context))));
}

/** Brings up those that it can. @returns what became of each: undefined, or its error */
export function bringUpSome(entries: readonly HostEntry[], context: BringUpContext): Promise<unknown[]> {
  return Promise.all(
    entries.map((entry) =>
      bringUp([entry], context).then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
}

async function startOne(entry: HostEntry, prepared: PreparedHost, context: BringUpContext): Promise<void> {
  entry.probe = prepared.probe;
  entry.warnings = prepared.warnings ?? [];
  const hostProcess = await handedOver(entry, prepared, context);
  context.started(entry, hostProcess);
  await calledBack(entry, hostProcess, context);
}

async function handedOver(entry: HostEntry, prepared: PreparedHost, context: BringUpContext): Promise<HostProcess> {
  try {
    return await prepared.start(await settingsOf(entry, prepared, context), context.callbacks(entry));
  } catch (error) {
    await prepared.abort();
    throw error;
  }
}

async function settingsOf(
  entry: HostEntry,
  prepared: PreparedHost,
  { configuration, size, localEndpoint, folder, door }: BringUpContext,
): Promise<HostSettings> {
  const remote = entry.spec!.launcher === "ssh";
  const pass = remote ? door?.passOf(entry.index - 1) : undefined;
  return {
    peer: entry.peer,
    host: entry.name,
    endpoints: remote ? await endpointsFor(prepared, configuration, door!) : [localEndpoint],
    ranks: entry.ranks,
    size,
    threads: threadsPerRank(configuration.perNodeThreads, entry.ranks.length),
    rankMemoryMb: configuration.rankMemoryMb,
    nice: entry.spec!.nice ?? configuration.nice,
    arguments: process.argv.slice(2),
    logLevel: configuration.logLevel,
    connectTimeoutS: configuration.connectTimeoutS,
    peers: peerSettings(entry, folder, door, configuration),
    ...(pass && { curve: pass }),
    ...(remote && { leaseMs: configuration.leaseMs }),
  };
}

/** What a host must know to talk to the others. @param folder for the sockets of this machine's hosts */
export function peerSettings(
  { index, inside }: HostEntry,
  folder: string | undefined,
  door: NetworkDoor | undefined,
  { port: ports = { from: 0, to: 0 }, tunnel: tunnelled }: Configuration,
): PeerSettings {
  return {
    index,
    ...(inside && { folder }),
    ...(door && { network: { ports, tunnelled }, keys: door.peerKeysOf(index) }),
  };
}

async function endpointsFor(prepared: PreparedHost, { tunnel }: Configuration, door: NetworkDoor): Promise<string[]> {
  if (!tunnel || !prepared.tunnel) return door.openFor(prepared.probe);
  const { host, port } = await prepared.tunnel({ host: "127.0.0.1", port: await door.openForTunnel() });
  return [`tcp://${host}:${port}`];
}

/** Resolves when the host process is connected to rank 0. */
async function calledBack(
  entry: HostEntry,
  hostProcess: HostProcess,
  { configuration: { connectTimeoutS, tunnel }, isListening }: BringUpContext,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  // The host itself gives up after connectTimeoutS, and says what it tried; this is for one that can't. Only the time in which
  // it could be heard counts, and an idle program that only waits for a host to come back may end.
  const late = new Promise<"late">((resolve) => {
    let ticks = (connectTimeoutS * 1000 + 1000) / tickMs;
    timer = setInterval(() => isListening() && --ticks < 0 && resolve("late"), tickMs).unref();
  });
  const first = await Promise.race([entry.greeted, hostProcess.exited, late])
    .catch((error: Error) => Promise.reject(unreadable(entry, error)))
    .finally(() => clearInterval(timer));
  if (first === undefined) return;
  const lastOutput = first === "late" ? "" : first.lastOutput;
  const what = first === "late" ? `it did not call back within ${connectTimeoutS} s` : endedHow(first);
  const remedy =
    entry.spec!.launcher === "ssh" && !tunnel
      ? 'Open the port for that host in this machine\'s firewall ("port" sets which), set "bind" to an address that it can reach, or carry all through ssh with tunnel: true.'
      : "";
  const unsaid = lastOutput.split("\n").filter((line) => !what.endsWith(line));
  const tail = unsaid.length === 0 ? "" : `\nIts last output:\n${unsaid.join("\n")}`;
  throw new LaunchError(`could not start ${entry.who}: ${what}. ${remedy}`.trimEnd() + tail, {
    host: entry.name,
    phase: "call back",
    remedy,
    lastOutput,
  });
}

/** Packages of one version number that were built from different sources need not understand each other. */
function unreadable({ who, name: host }: HostEntry, cause: Error): LaunchError {
  const remedy = "Is the mpits on that host not the same as here? Install the same build on both.";
  const text = `could not start ${who}: it called back, but what it said could not be read: ${cause.message} ${remedy}`;
  return new LaunchError(text, { host, phase: "call back", remedy, cause });
}

function endedHow({ code, signal, connectionLost, lastOutput }: ProcessExit): string {
  if (connectionLost !== undefined) return connectionLost;
  const [unreached] = /^could not reach rank 0 .*$/m.exec(lastOutput) ?? [];
  if (unreached !== undefined) return `it ${unreached}`;
  return `its process ended ${signal === null ? `with exit code ${code}` : `by ${signal}`} before it had called back`;
}

function throwIfAny(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  if (outcomes.some(({ status }) => status === "rejected")) throw firstOf(outcomes);
}

/** The first failure; what else failed stands below it in its text. */
function firstOf(outcomes: readonly PromiseSettledResult<unknown>[]): unknown {
  const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  const [first, ...others] = errors;
  if (!(first instanceof LaunchError) || others.length === 0) return first;
  const text = [first.message, ...others.map((error) => (error as Error).message)].join("\n");
  const { host, phase, remedy, lastOutput } = first;
  return new LaunchError(text, { host, phase, remedy, lastOutput, cause: first });
}
