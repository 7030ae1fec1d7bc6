/**
 * Which files make up the driver's project: what npm would pack of it (or the paths that the user lists), its node_modules
 * wholly, and whatever these lead to outside: this package, linked packages, node_modules further up. Reads no contents.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../../errors.ts";
import { later } from "../../load-later.ts";

/** A file or a symbolic link, by its absolute path here. */
export type ProjectFile =
  | {
      readonly kind: "file";
      readonly size: number;
      readonly executable: boolean;
      /** Changes whenever the content does. */
      readonly version: readonly [mtimeMs: number, ctimeMs: number, inode: number];
    }
  /** The target is relative to the link. */
  | { readonly kind: "link"; readonly target: string };

export interface ProjectFiles {
  /** The folder with the package.json. */
  readonly project: string;
  /** Folders whose files were collected; what lies in them has its counterpart on the host. */
  readonly roots: readonly string[];
  readonly files: ReadonlyMap<string, ProjectFile>;
}

export interface ProjectOptions {
  /** Where to look for the project: here, or in the nearest folder above that has a package.json. */
  readonly folder: string;
  /** Of the project's own files: true for what npm would pack, or these. */
  readonly paths: true | readonly string[];
  /** The folder of this package. */
  readonly packageFolder: string;
  /** The program that runs. */
  readonly program?: string | undefined;
}

type Manifest = Partial<Record<"dependencies" | "optionalDependencies" | "peerDependencies", Record<string, string>>>;

/** npm's own rules: "files", .npmignore and .gitignore, and what is never or always packed. */
type PackList = (tree: {
  path: string;
  package: object;
  isProjectRoot: boolean;
  edgesOut: ReadonlyMap<string, unknown>;
}) => Promise<string[]>;
const packList = later<PackList>((require) => require("npm-packlist"));

/** @throws UsageError when there is no project, a listed path, or when the program itself would be left out */
export async function collectProject(options: ProjectOptions): Promise<ProjectFiles> {
  const collector = new Collector(options);
  return collector.collect();
}

class Collector {
  readonly #options: ProjectOptions;
  readonly #project: string;
  readonly #files = new Map<string, ProjectFile>();
  /** Folders of which everything is taken. */
  readonly #whole: string[] = [];
  readonly #packages = new Set<string>();
  readonly #loose: string[] = [];
  #breathedMs = performance.now();

  constructor(options: ProjectOptions) {
    this.#options = options;
    this.#project = projectOf(options);
  }

  async collect(): Promise<ProjectFiles> {
    this.#packages.add(this.#project).add(realpathSync(this.#options.packageFolder));
    for (const folder of this.#packages) await this.#takePackage(folder); // grows while it goes
    this.#refuseWithoutProgram();
    const roots = [...this.#packages, ...this.#whole, ...this.#loose];
    return { project: this.#project, roots: outermost(roots), files: this.#files };
  }

  async #takePackage(folder: string): Promise<void> {
    if (this.#isWhole(folder)) return;
    const manifest = manifestOf(folder);
    if (folder === this.#project && this.#options.paths !== true) await this.#takeListed(this.#options.paths);
    else if (manifest) await this.#takePacked(folder, manifest);
    else return this.#takeWhole(folder);
    await this.#takeModules(join(folder, "node_modules"));
    for (const name of dependenciesOf(manifest)) await this.#takeFromAbove(folder, name);
  }

  async #takePacked(folder: string, manifest: Manifest): Promise<void> {
    const { bundleDependencies: _, bundledDependencies: __, ...own } = manifest as Record<string, unknown>; // node_modules comes wholly
    const paths = await packList()({ path: folder, package: own, isProjectRoot: true, edgesOut: new Map() });
    for (const path of paths) await this.#take(join(folder, path));
  }

  async #takeListed(paths: readonly string[]): Promise<void> {
    for (const path of ["package.json", ...paths]) {
      const full = resolve(this.#project, path);
      if (existsSync(full)) await this.#takeAny(full);
      else if (path !== "package.json")
        throw new UsageError(`"sync" names ${path}, which does not exist in ${this.#project}.`);
    }
  }

  async #takeAny(path: string): Promise<void> {
    if (!isInside(path, this.#project)) this.#loose.push(statSync(path).isDirectory() ? path : dirname(path));
    if (lstatSync(path).isDirectory()) await this.#walk(path, ["node_modules", ".git"]);
    else await this.#take(path);
  }

  /** It may be a link itself. */
  async #takeModules(path: string): Promise<void> {
    if (!existsSync(path)) return;
    if (lstatSync(path).isSymbolicLink()) this.#takeLink(path);
    else await this.#takeWhole(path);
  }

  /** A dependency that is installed further up, as in a workspace: all that is installed there comes along. */
  async #takeFromAbove(folder: string, name: string): Promise<void> {
    for (let above = folder; ; above = dirname(above)) {
      const installed = join(above, "node_modules");
      if (existsSync(join(installed, name))) return this.#takeModules(installed);
      if (dirname(above) === above) return; // it is missing here too
    }
  }

  async #takeWhole(folder: string): Promise<void> {
    if (this.#isWhole(folder)) return;
    this.#whole.push(folder);
    await this.#walk(folder, [".cache"]);
  }

  /** @param skip names of folders directly in it, or anywhere below, that are left out */
  async #walk(folder: string, skip: readonly string[]): Promise<void> {
    await this.#breathe();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) await this.#take(path);
      else if (!skip.includes(entry.name)) await this.#walk(path, skip.includes(".cache") ? [] : skip);
    }
  }

  /** A file or a link; what a link leads to comes along. Sockets and the like don't travel. */
  async #take(path: string): Promise<void> {
    const stat = lstatSync(path);
    if (stat.isFile()) {
      const { size, mode, mtimeMs, ctimeMs, ino } = stat;
      const executable = (mode & 0o100) !== 0;
      this.#files.set(path, { kind: "file", size, executable, version: [mtimeMs, ctimeMs, ino] });
    } else if (stat.isSymbolicLink()) this.#takeLink(path);
  }

  #takeLink(path: string): void {
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      return; // it leads nowhere here either
    }
    this.#files.set(path, { kind: "link", target: relative(dirname(path), real) });
    if (this.#files.has(real) || this.#isWhole(real)) return;
    if (statSync(real).isDirectory()) this.#packages.add(real);
    else void this.#take(real).then(() => this.#loose.push(dirname(real)));
  }

  #isWhole(path: string): boolean {
    return this.#whole.some((folder) => isInside(path, folder));
  }

  /** TypeScript's output is often in .gitignore, and then npm leaves it out: better to say so than to fail on every host. */
  #refuseWithoutProgram(): void {
    const program = this.#options.program && tryRealpath(this.#options.program);
    if (program === undefined || !isInside(program, this.#project) || this.#files.has(program)) return;
    const path = relative(this.#project, program);
    const why =
      this.#options.paths === true
        ? `sync: true sends what "npm pack" would, and that leaves out ${path}. Name it (or its folder) in "files" of ${join(this.#project, "package.json")}, or give "sync" a list of paths.`
        : `"sync" lists paths without ${path}, the program itself. Add it, or its folder.`;
    throw new UsageError(why);
  }

  /** Lets others work: thousands of files take a while. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathedMs < 20) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#breathedMs = performance.now();
  }
}

function projectOf({ folder, paths }: ProjectOptions): string {
  const start = realpathSync(folder);
  for (let each = start; ; each = dirname(each)) {
    if (existsSync(join(each, "package.json"))) return each;
    if (dirname(each) === each) break;
  }
  if (paths !== true) return start;
  throw new UsageError(
    `sync: true needs a project, but there is no package.json in ${start} or above. Run "npm init -y" there, or give "sync" a list of paths.`,
  );
}

function manifestOf(folder: string): Manifest | undefined {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch (cause) {
    throw new UsageError(`${path} can't be read: ${(cause as Error).message}.`, { cause });
  }
}

function dependenciesOf(manifest: Manifest | undefined): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifest ?? {};
  return [dependencies, optionalDependencies, peerDependencies].flatMap((each) => Object.keys(each ?? {}));
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)];
  return unique.filter((folder) => !unique.some((other) => other !== folder && isInside(folder, other)));
}

function tryRealpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
