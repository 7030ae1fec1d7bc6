/** What a driver that was killed leaves behind in the folder for temporary files: the folder of its local sockets. */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that was just made may not be listened to yet, in ms. */
const youngMs = 10_000;

/** Removes those in which nobody listens; gives their paths. Only folders of this user, as `makeSocketFolder` makes them: `mpits-XXXXXX` with a socket `rank0` in it and nothing else. */
export async function removeDeadFolders(): Promise<string[]> {
  const folders = readdirSync(tmpdir())
    .filter((name) => /^mpits-[A-Za-z0-9]{6}$/.test(name))
    .map((name) => join(tmpdir(), name))
    .filter(isOneOfOurs);
  const dead = await Promise.all(
    folders.map(async (folder) => ((await listens(join(folder, "rank0"))) ? [] : [folder])),
  );
  return dead.flat().filter(remove);
}

function isOneOfOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    const ours = stat.isDirectory() && stat.uid === process.getuid?.() && Date.now() - stat.mtimeMs > youngMs;
    const names = ours ? readdirSync(folder) : [];
    return names.length === 1 && lstatSync(join(folder, "rank0")).isSocket();
  } catch {
    return false;
  }
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  });
}

function remove(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
