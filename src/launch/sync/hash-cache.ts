/** Remembers the hashes of a project's files from one start to the next, as long as size, times and inode of a file stay. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProjectFile } from "./project-files.ts";

type File = Extract<ProjectFile, { kind: "file" }>;
type Entry = readonly [size: number, ...version: File["version"], sha256: string];

/** A file that was changed so shortly before it was hashed may change again without its time showing it. */
const racyMs = 2000;

export class HashCache {
  readonly #path: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;
  #sinceBreath = 0;

  constructor(folder: string, project: string) {
    const name = createHash("sha256").update(project).digest("hex").slice(0, 16);
    this.#path = join(folder, "hashes", `${name}.json`);
    this.#entries = new Map(Object.entries(readEntries(this.#path)));
  }

  get(path: string, { size, version }: File): string | undefined {
    const entry = this.#entries.get(path);
    const same = entry && entry[0] === size && version.every((value, i) => entry[i + 1] === value);
    return same ? entry[4] : undefined;
  }

  /** Also lets others work from time to time. */
  async set(path: string, { size, version }: File, sha256: string): Promise<void> {
    this.#changed = true;
    if (Math.max(version[0], version[1]) > Date.now() - racyMs) this.#entries.delete(path);
    else this.#entries.set(path, [size, ...version, sha256]);
    this.#sinceBreath += size + 10_000;
    if (this.#sinceBreath < 1 << 23) return;
    this.#sinceBreath = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** @param paths those that are still there */
  save(paths: Iterable<string>): void {
    if (!this.#changed) return;
    const kept = Object.fromEntries(
      [...paths].flatMap((path) => (this.#entries.has(path) ? [[path, this.#entries.get(path)]] : [])),
    );
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#path}.${process.pid}`, JSON.stringify(kept));
      renameSync(`${this.#path}.${process.pid}`, this.#path);
    } catch {
      // all is hashed again the next time
    }
  }
}

function readEntries(path: string): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, Entry>;
  } catch {
    return {}; // none yet, or one that was cut off
  }
}
