/**
 * Where drivers are found: a folder that only its owner can enter, with one socket per driver, named by process id and a
 * nonce. Who can open the folder is the same user; that is the whole of the authentication, so it is checked each time.
 */
import { lstatSync, mkdirSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

/** A socket of a driver, alive or not. */
export interface DriverFile {
  readonly path: string;
  readonly pid: number;
}

/**
 * The folders to look in, the one for new sockets first: `/tmp/mpits-UID`, then `mpits` in the runtime folder of the user's
 * session. Not that first: it goes with the last logout, and a program that was left to run would be lost from sight. Nor
 * what TMPDIR says, which differs from shell to shell. `MPITS_SOCKET_DIR` names the only one.
 */
export function steerFolders(env: NodeJS.ProcessEnv = process.env): string[] {
  const uid = process.getuid?.();
  if (uid === undefined) return []; // no such sockets on this system
  if (env.MPITS_SOCKET_DIR) return [env.MPITS_SOCKET_DIR];
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${uid}`;
  return [`/tmp/mpits-${uid}`, ...(isOurs(statOf(runtime), uid) ? [join(runtime, "mpits")] : [])];
}

/** Makes the folder, or checks the one that is there. @throws Error when somebody else could have put sockets there. */
export function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problem = folderProblem(folder);
  if (problem !== undefined) throw new Error(problem);
}

/** Why the folder can't be trusted; undefined when it can, or isn't there. */
export function folderProblem(folder: string): string | undefined {
  const stat = statOf(folder);
  if (!stat) return undefined;
  if (!stat.isDirectory()) return `${folder} is no folder; remove it.`;
  if (stat.uid !== process.getuid?.()) return `${folder} belongs to another user (uid ${stat.uid}); it is not used.`;
  if ((stat.mode & 0o077) !== 0)
    return `${folder} can be entered by others (mode ${(stat.mode & 0o777).toString(8)}); remove it, or chmod 700 it if you trust what is in it.`;
  return undefined;
}

/** The sockets in a folder that are ours. */
export function driverFiles(folder: string): DriverFile[] {
  const uid = process.getuid?.();
  return namesIn(folder).flatMap((name) => {
    const [, pid] = /^(\d+)-[0-9a-f]+\.sock$/.exec(name) ?? [];
    const path = join(folder, name);
    const stat = pid === undefined ? undefined : statOf(path);
    return stat?.isSocket() && stat.uid === uid ? [{ path, pid: Number(pid) }] : [];
  });
}

function isOurs(stat: Stats | undefined, uid: number): boolean {
  return stat?.isDirectory() === true && stat.uid === uid;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Of the thing itself, not of what a link points to. */
function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
