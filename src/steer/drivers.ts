/** Finds the drivers of this user on this machine, and removes what dead ones left. */
import { lstatSync, unlinkSync } from "node:fs";
import { DriverLink } from "./client.ts";
import { type DriverFile, driverFiles, folderProblem, steerFolders } from "./folder.ts";
import type { DriverState } from "./protocol.ts";

/** How long a driver may take to say how it is, in ms. */
export const patienceMs = 3000;
/** Between a socket's making and its first listening, nobody answers: younger files are left alone, in ms. */
const youngMs = 10_000;

/** A driver that answered. */
export interface Driver {
  readonly link: DriverLink;
  readonly state: DriverState;
}

export interface Drivers {
  readonly alive: readonly Driver[];
  /** Process ids of drivers that listen and don't answer. */
  readonly silent: readonly number[];
  /** Paths of sockets whose driver is dead; they were removed. */
  readonly removed: readonly string[];
  /** Why a folder was not looked into. */
  readonly problems: readonly string[];
}

/** Asks all drivers at once. Who calls closes the links. */
export async function findDrivers(): Promise<Drivers> {
  const folders = steerFolders();
  const problems = folders.map(folderProblem).filter((problem) => problem !== undefined);
  const files = folders.filter((folder) => folderProblem(folder) === undefined).flatMap(driverFiles);
  const found = await Promise.all(files.map(meet));
  return {
    alive: found.filter((each) => typeof each === "object").sort((a, b) => a.state.startedMs - b.state.startedMs),
    silent: found.filter((each) => typeof each === "number"),
    removed: found.filter((each) => typeof each === "string"),
    problems,
  };
}

/** The socket of the only driver that there can be; undefined where there are several or none, or a folder is not to be trusted. */
export function onlyDriver(): DriverFile | undefined {
  const folders = steerFolders();
  const files = folders.some((folder) => folderProblem(folder) !== undefined) ? [] : folders.flatMap(driverFiles);
  return files.length === 1 ? files[0] : undefined;
}

/** The driver, or the process id of one that does not answer, or the path of a socket that was removed. */
async function meet({ path, pid }: DriverFile): Promise<Driver | number | string | undefined> {
  let link: DriverLink;
  try {
    link = await DriverLink.open(path, pid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined; // it ended while we looked
    return code === "ECONNREFUSED" && removeStale(path, pid) ? path : undefined;
  }
  try {
    return { link, state: await link.ask<DriverState>({ ask: "state" }, { patienceMs }) };
  } catch {
    link.close();
    return pid;
  }
}

/** A socket at which nobody listens is dead for ever, unless its driver is just opening it. */
function removeStale(path: string, pid: number): boolean {
  try {
    if (isProcess(pid) && Date.now() - lstatSync(path).mtimeMs < youngMs) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
