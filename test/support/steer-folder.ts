/** A folder for steering sockets and temporary files that belongs to one test file: other drivers on this machine are neither seen nor touched. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Call at the top level of a test file. Set for this process too, and for what it starts. */
export function ownSteerFolder(): { readonly runtime: string; readonly sockets: string } {
  const runtime = mkdtempSync(join(tmpdir(), "steer-test-"));
  const names = ["XDG_RUNTIME_DIR", "TMPDIR"] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = runtime;
  afterAll(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(runtime, { recursive: true, force: true });
  });
  return { runtime, sockets: join(runtime, "mpits") };
}
