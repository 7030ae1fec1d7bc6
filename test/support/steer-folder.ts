/** A folder for steering sockets, and one for temporary files, that belong to one test file: other drivers on this machine are neither seen nor touched. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Call at the top level of a test file. Set for this process too, and for what it starts. */
export function ownSteerFolder(): { readonly root: string; readonly sockets: string } {
  const root = mkdtempSync(join(tmpdir(), "steer-test-"));
  const folders = { MPITS_SOCKET_DIR: join(root, "sockets"), TMPDIR: join(root, "tmp") } as const;
  mkdirSync(folders.TMPDIR);
  const before = Object.keys(folders).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, folders);
  afterAll(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(root, { recursive: true, force: true });
  });
  return { root, sockets: folders.MPITS_SOCKET_DIR };
}
