/** The project as a list of paths and contents' hashes, and the name that follows from it: the same content has the same name everywhere. */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { HashCache } from "./hash-cache.ts";
import { collectProject, isInside, type ProjectFile, type ProjectOptions } from "./project-files.ts";

/** What the host gets to know. Paths are as here, without the leading slash: links and Node's search upwards work as they do here. */
export interface ManifestData {
  readonly files: readonly [path: string, sha256: string, size: number, executable: 0 | 1][];
  readonly links: readonly [path: string, target: string][];
}

export class Project {
  /** The folder with the package.json, and all folders that have a counterpart on the host. */
  readonly folder: string;
  readonly roots: readonly string[];
  readonly data: ManifestData;
  /** The name of this content. */
  readonly id: string;
  /** `data` as it is sent. */
  readonly packed: Buffer;

  constructor(folder: string, roots: readonly string[], data: ManifestData, id: string, packed: Buffer) {
    this.folder = folder;
    this.roots = roots;
    this.data = data;
    this.id = id;
    this.packed = packed;
  }

  get bytes(): number {
    return this.data.files.reduce((sum, [, , size]) => sum + size, 0);
  }

  /** Where file number `index` is here. */
  sourceOf(index: number): string {
    return `${sourcePrefix}${this.data.files[index]![0]}`;
  }

  /** Whether something was sent of this folder. */
  hasFolder(path: string): boolean {
    const prefix = `${treePath(path)}/`;
    return this.data.files.some(([file]) => file.startsWith(prefix));
  }

  /** Where a path of here is within the tree on the host; undefined for one that has no counterpart. */
  treePathOf(path: string): string | undefined {
    return this.roots.some((root) => isInside(path, root)) ? treePath(path) : undefined;
  }
}

const sourcePrefix = process.platform === "win32" ? "" : "/";
/** Files up to this size are read at once. */
const smallBytes = 1 << 22;

/** @param cacheFolder where hashes are remembered */
export async function readProject(options: ProjectOptions, cacheFolder: string): Promise<Project> {
  const { project, roots, files } = await collectProject(options);
  const cache = new HashCache(cacheFolder, project);
  const data = { files: [] as ManifestData["files"][number][], links: [] as ManifestData["links"][number][] };
  for (const path of [...files.keys()].sort()) {
    const file = files.get(path)!;
    if (file.kind === "link") data.links.push([treePath(path), file.target]);
    else data.files.push([treePath(path), await hashOf(path, file, cache), file.size, file.executable ? 1 : 0]);
  }
  cache.save(files.keys());
  const text = JSON.stringify(data);
  const id = createHash("sha256").update(text).digest("hex").slice(0, 40);
  return new Project(project, roots, data, id, await promisify(gzip)(text, { level: 1 }));
}

async function hashOf(path: string, file: Extract<ProjectFile, { kind: "file" }>, cache: HashCache): Promise<string> {
  const known = cache.get(path, file);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  if (file.size <= smallBytes) hash.update(readFileSync(path));
  else for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  const sha256 = hash.digest("hex");
  await cache.set(path, file, sha256);
  return sha256;
}

function treePath(path: string): string {
  return path.replace(/^\//, "").replaceAll("\\", "/");
}
