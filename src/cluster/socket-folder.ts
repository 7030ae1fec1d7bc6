/**
 * Folders for the sockets that hosts of this machine connect to. One goes when its cluster closes, at the latest with the
 * program: most programs just return, or leave by `process.exit`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Set<string>();

/** A new folder that nobody else may enter. */
export function makeSocketFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mpits-"));
  if (folders.size === 0) process.on("exit", removeAll);
  folders.add(folder);
  return folder;
}

export function removeSocketFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of folders) removeSocketFolder(folder);
}
