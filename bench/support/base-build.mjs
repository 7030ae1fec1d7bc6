// Another revision of ours, built beside this one, with the benchmarks of today: both are measured by the same code.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns its root, and `remove` */
export function buildRevision(root, revision) {
  const place = mkdtempSync(join(tmpdir(), "mpits-base-"));
  const base = join(place, "mpits");
  const git = (...args) =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const remove = () => {
    git("worktree", "remove", "--force", base);
    rmSync(place, { recursive: true, force: true });
  };
  git("worktree", "add", "--detach", base, revision);
  try {
    rmSync(join(base, "bench"), { recursive: true, force: true });
    cpSync(join(root, "bench"), join(base, "bench"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(base, "node_modules"));
    execFileSync(process.execPath, [join(base, "scripts", "build.mjs")], { cwd: base, stdio: "inherit" });
    return { root: base, commit: git("rev-parse", "--short", revision).trim(), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
