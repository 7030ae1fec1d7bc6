/** From a connection to a host process that waits for its settings: finds Node, checks versions, starts. */
import type { ClientChannel } from "ssh2";
import * as z from "zod";
import { announceFlag } from "../../host/announcement.ts";
import type { HostFacts, HostProbe, ProcessExit } from "../launcher.ts";
import type { ProjectSender } from "../sync/project-sender.ts";
import type { Connection } from "./connection.ts";
import type { PhaseClock } from "./phase-clock.ts";
import {
  oldestNodeMajor,
  type RemoteScriptOptions,
  remoteCommand,
  remoteScript,
  searchedPlaces,
} from "./remote-script.ts";
import { type Mark, RemoteSession } from "./remote-session.ts";
import { reasonOf, Trouble } from "./trouble.ts";

const hostFacts = z.object({
  hostname: z.string(),
  pid: z.number(),
  node: z.string(),
  nodeVersion: z.string(),
  platform: z.string(),
  architecture: z.string(),
  packageVersion: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  epochMs: z.number(),
  clientAddress: z.string().optional(),
});

/**
 * @param begun gets the session as soon as there is one, so that it can be ended whatever happens
 * @param sender sends the project, where the script receives it
 * @throws Trouble
 */
export async function reachHostProcess(
  connection: Connection,
  script: RemoteScriptOptions,
  clock: PhaseClock,
  begun: (session: RemoteSession) => void,
  sender?: ProjectSender,
): Promise<HostProbe> {
  clock.enter("find node", {
    what: "no Node was found",
    remedy: `Something that the login shell starts may hang there; set "nodeExecutable" to Node's whole path on that host.`,
  });
  const channel = await execute(connection);
  const marks: Mark[] = [];
  const facts = await new Promise<HostFacts>((resolve, reject) => {
    const session = new RemoteSession(channel, connection, (mark) => {
      marks.push(mark);
      if (mark.kind === "host") readFacts(mark.rest).then(resolve, reject);
      else if (!sender?.takes(mark)) enterNext(mark, script, clock, sender);
    });
    begun(session);
    void session.exited.then((exit) => reject(sender?.failure ?? troubleOf(exit, marks, script)));
    session.write(remoteScript(script));
    session.beat();
  });
  return {
    ...facts,
    clockOffsetMs: facts.epochMs - Date.now(),
    localAddress: connection.localAddress,
    jumps: connection.jumps,
  };
}

function execute(connection: Connection): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    connection.client.exec(remoteCommand, (error, channel) => {
      if (!error) return resolve(channel);
      reject(
        new Trouble("its ssh server did not run a command", {
          note: reasonOf(error),
          remedy: "Check that the account may run commands there, and is not limited to file transfer.",
          cause: error,
        }),
      );
    });
  });
}

function enterNext(
  { kind, rest }: Mark,
  { packageVersion }: RemoteScriptOptions,
  clock: PhaseClock,
  sender: ProjectSender | undefined,
): void {
  if (kind === "node" && sender) sender.enter();
  else if (kind === "node")
    clock.enter("check versions", {
      what: "the package was not checked",
      remedy: "Check that the file system with the project answers on that host.",
    });
  else if (kind === "package" && rest === packageVersion)
    clock.enter("start", {
      what: "the host process was not ready",
      remedy: "Check the load of that machine, and that the file system with the project answers there.",
    });
}

async function readFacts(text: string): Promise<HostFacts> {
  const facts = hostFacts.safeParse(parsed(text));
  if (facts.success) return facts.data;
  throw new Trouble("its host process said something else than expected", {
    remedy: "Check that the same version of mpits is installed there.",
    phase: "check versions",
    cause: facts.error,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why it ended before it was ready, by how far it came. */
function troubleOf(exit: ProcessExit, marks: readonly Mark[], script: RemoteScriptOptions): Trouble {
  const found = (kind: string) => marks.find((mark) => mark.kind === kind)?.rest;
  if (exit.connectionLost !== undefined && marks.at(-1)?.kind !== "none")
    return new Trouble(exit.connectionLost, { remedy: "Check the network, and the log of sshd on that host." });
  if (found("none") !== undefined) return noNode(marks, script);
  const nodir = found("nodir");
  if (nodir !== undefined)
    return versions(`there is no folder ${nodir} on that host`, `Set "workingDir" to one that every host has.`);
  const missing = found("missing");
  if (missing !== undefined)
    return versions(
      `there is no ${missing} on that host`,
      "The project must have the same path on every host: share or copy its folder (with node_modules), or set sync: true to have it sent.",
    );
  const version = found("package");
  if (version !== undefined && version !== script.packageVersion)
    return versions(
      `mpits ${version || "of an unknown version"} is installed on that host in ${script.manifest}, and ${script.packageVersion} here`,
      "Install the same version on every host.",
    );
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  if (found("node") === undefined)
    return new Trouble(`the search for Node ended ${how}`, {
      remedy: `That host needs a POSIX shell named sh; its last output may tell more.`,
      phase: "find node",
    });
  return new Trouble(`its host process ended ${how} before it was ready`, {
    timeless: true,
    remedy: `Try on that host: ${[found("node")?.split(" ").slice(1).join(" "), ...script.nodeArguments, script.hostMain, announceFlag].join(" ")}`,
    phase: "start",
  });
}

function noNode(marks: readonly Mark[], { nodeExecutable }: RemoteScriptOptions): Trouble {
  const old = marks.filter(({ kind }) => kind === "old").map(({ rest }) => rest.replace(/^(\S+) (.*)$/, "$2 is $1"));
  const bad = marks.filter(({ kind }) => kind === "bad").map(({ rest }) => `${rest} does not run`);
  const tried = [...new Set([...old, ...bad])].join(", ") || undefined;
  const where = nodeExecutable === undefined ? searchedPlaces : `only for ${nodeExecutable}`;
  if (old.length > 0)
    return new Trouble(`Node is too old on that host, ${oldestNodeMajor} or newer is needed`, {
      remedy: `Install a newer one there, or set "nodeExecutable" to where it is. Looked ${where}.`,
      phase: "check versions",
      note: tried,
      timeless: true,
    });
  return new Trouble("no Node.js was found on that host", {
    remedy: `Install Node.js ${oldestNodeMajor} or newer there, or set "nodeExecutable" to where it is. Looked ${where}.`,
    phase: "find node",
    note: tried,
    timeless: true,
  });
}

function versions(what: string, remedy: string): Trouble {
  return new Trouble(what, { remedy, phase: "check versions", timeless: true });
}
