/**
 * What runs on the host while a project is sent: one function without anything around it, handed to `node -e` as text, since nothing
 * of this package needs to be there yet. It keeps contents by hash, builds a tree of hard links, and cleans up old ones.
 *
 * Into `CACHE/blobs/ab/HASH` (`HASH.x` for what may be executed) go contents, into `CACHE/trees/ID` a tree; `trees/ID.json.gz` is its
 * manifest, `uses/ID@HOST@PID` says who runs in it. On stdin come frames (`KIND BYTES\n` and so many bytes; empty lines between them mean
 * nothing), on stdout go marked lines (`announcement.ts`):
 *
 * - `sync { tree, have }`: whether this tree is there, whole and unchanged. If not, the frame `manifest` is expected.
 * - `want [index, …]`: contents that are missing, by number of the file. They follow as `batch` frames, one after the other, cut anywhere.
 * - `progress`: it takes a while; `synced`: the tree is there; `unsynced { code, message, path }`: it can't be.
 */
import type { ManifestData } from "./manifest.ts";

/** The text for `node -e`; arguments: the cache folder and the name of the content. */
export function receiverText(): string {
  return `"use strict"; const __name = (fn) => fn; (${receive})(require);`; // esbuild puts calls of __name into functions
}

/** How many trees stay when a new one comes, beside those that somebody runs in. */
export const keptTrees = 4;

function receive(require: NodeJS.Require): void {
  const fs = require("node:fs") as typeof import("node:fs");
  const { dirname, join } = require("node:path") as typeof import("node:path");
  const { createHash } = require("node:crypto") as typeof import("node:crypto");
  const { gunzipSync } = require("node:zlib") as typeof import("node:zlib");
  const { hostname } = require("node:os") as typeof import("node:os");

  type File = ManifestData["files"][number];
  const [cache, id, kept, silenceMs] = process.argv.slice(1) as [string, string, string, string];
  const trees = join(cache, "trees");
  const tree = join(trees, id);
  const manifestPath = `${tree}.json.gz`;
  const draft = join(trees, `.${id}.${process.pid}.tmp`);
  const uses = join(cache, "uses");
  const ownUse = `${id}@${hostname()}@${process.ppid}`; // the shell that becomes the host process
  /** Contents are never written to again; one that has another time was, by somebody who may do everything. */
  const stampS = 946_684_800;

  let files: readonly File[] = [];
  let manifest: ManifestData = { files: [], links: [] };
  let packed: Uint8Array = new Uint8Array();
  let wanted: number[] = [];
  let writing: { fd: number; path: string; hash: import("node:crypto").Hash; left: number; index: number } | undefined;

  function say(kind: string, value?: unknown, then?: () => void): void {
    process.stdout.write(`@mpits ${kind}${value === undefined ? "" : ` ${JSON.stringify(value)}`}\n`, then);
  }

  function fail(error: unknown): void {
    const { code, message, path } = error as NodeJS.ErrnoException;
    forget(join(uses, ownUse));
    if (writing) forget(writing.path);
    forget(draft);
    say("unsynced", { code, message, path }, () => process.exit(74));
  }

  function guarded<Arguments extends unknown[]>(work: (...args: Arguments) => void) {
    return (...args: Arguments): void => {
      try {
        work(...args);
      } catch (error) {
        fail(error);
      }
    };
  }

  function forget(path: string): void {
    try {
      fs.rmSync(path, { recursive: true, force: true });
    } catch {
      // what is wrong is told already
    }
  }

  const blobOf = ([, sha256, , executable]: File): string =>
    join(cache, "blobs", sha256.slice(0, 2), executable ? `${sha256}.x` : sha256);

  function isWhole(path: string, size: number): boolean {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    return stat !== undefined && stat.size === size && stat.mtimeMs === stampS * 1000;
  }

  /** The tree is there and nobody has changed it. */
  function have(): boolean {
    if (!fs.existsSync(tree) || !fs.existsSync(manifestPath)) return false;
    const { files: all } = JSON.parse(String(gunzipSync(fs.readFileSync(manifestPath)))) as ManifestData;
    const spoiled = all.filter(([path, , size]) => !isWhole(join(tree, path), size));
    if (spoiled.length === 0) return true;
    // One by one: somebody may be at work in the tree.
    for (const file of spoiled)
      for (const path of [blobOf(file), join(tree, file[0])]) fs.rmSync(path, { force: true });
    return false;
  }

  function begin(): void {
    for (const folder of [trees, uses]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(join(uses, ownUse), "");
    const found = have();
    if (found) fs.utimesSync(manifestPath, new Date(), new Date());
    say("sync", { tree: join(fs.realpathSync(trees), id), have: found }, found ? () => process.exit(0) : undefined);
  }

  function takeManifest(body: Uint8Array): void {
    packed = body;
    manifest = JSON.parse(String(gunzipSync(body))) as ManifestData;
    files = manifest.files;
    const asked = new Set<string>();
    wanted = [];
    for (const [index, file] of files.entries()) {
      const blob = blobOf(file);
      if (asked.has(blob) || isWhole(blob, file[2])) continue;
      asked.add(blob);
      wanted.push(index);
    }
    say("want", wanted);
    writing = next();
    takeBytes(new Uint8Array());
  }

  function next(): typeof writing {
    const index = wanted.shift();
    if (index === undefined) return undefined;
    const path = `${blobOf(files[index]!)}.${process.pid}.tmp`;
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { fd: fs.openSync(path, "w", 0o600), path, hash: createHash("sha256"), left: files[index]![2], index };
  }

  function takeBytes(bytes: Uint8Array): void {
    let at = 0;
    while (writing) {
      const piece = bytes.subarray(at, at + writing.left);
      for (let done = 0; done < piece.length; ) done += fs.writeSync(writing.fd, piece, done);
      writing.hash.update(piece);
      writing.left -= piece.length;
      at += piece.length;
      if (writing.left > 0) return;
      close(writing);
      writing = next();
    }
    build();
  }

  function close({ fd, path, hash, index }: NonNullable<typeof writing>): void {
    const file = files[index]!;
    const sound = hash.digest("hex") === file[1];
    if (sound) {
      fs.fchmodSync(fd, file[3] ? 0o555 : 0o444);
      fs.futimesSync(fd, stampS, stampS);
    }
    fs.closeSync(fd);
    if (sound) return fs.renameSync(path, blobOf(file));
    fs.rmSync(path);
    throw Object.assign(new Error("it changed while it was sent"), { code: "CHANGED", path: `/${file[0]}` });
  }

  /** In a folder of its own first: a tree is there wholly or not at all. One that was spoiled is mended where it is. */
  function build(): void {
    const mending = fs.existsSync(tree);
    const target = mending ? tree : draft;
    let folder = "";
    let saidMs = Date.now();
    for (const file of files) {
      const path = join(target, file[0]);
      if (dirname(path) !== folder) {
        folder = dirname(path);
        fs.mkdirSync(folder, { recursive: true });
      }
      if (!mending || !isWhole(path, file[2])) place(blobOf(file), path);
      if (Date.now() - saidMs < 1000) continue;
      say("progress");
      saidMs = Date.now();
    }
    for (const [path, to] of manifest.links) {
      fs.mkdirSync(dirname(join(target, path)), { recursive: true });
      if (!mending || !fs.lstatSync(join(target, path), { throwIfNoEntry: false }))
        fs.symlinkSync(to, join(target, path));
    }
    fs.writeFileSync(`${draft}.json`, packed);
    fs.renameSync(`${draft}.json`, manifestPath);
    if (!mending) settle();
    clean();
    say("synced", undefined, () => process.exit(0));
  }

  function settle(): void {
    try {
      fs.renameSync(draft, tree);
    } catch (error) {
      fs.rmSync(draft, { recursive: true, force: true });
      if (!fs.existsSync(tree)) throw error; // else another start was quicker
    }
  }

  function place(blob: string, path: string): void {
    try {
      fs.linkSync(blob, path);
    } catch (error) {
      if (
        !["EMLINK", "EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(
          String((error as NodeJS.ErrnoException).code),
        )
      )
        throw error;
      fs.copyFileSync(blob, path); // file systems without hard links
      fs.utimesSync(path, stampS, stampS);
    }
  }

  /** Trees that nobody has used for long, then contents that are in no tree. */
  function clean(): void {
    const used = new Set(
      fs
        .readdirSync(uses)
        .filter(isAlive)
        .map((use) => use.split("@", 1)[0]!),
    );
    const all = fs.readdirSync(trees).filter((name) => /^[0-9a-f]+$/.test(name));
    const usedMs = (name: string) =>
      fs.statSync(join(trees, `${name}.json.gz`), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const oldest = all.map((name) => [usedMs(name), name] as const).sort((a, b) => b[0] - a[0]);
    const gone = oldest.slice(Number(kept)).filter(([, name]) => !used.has(name));
    for (const [, name] of gone) {
      fs.rmSync(join(trees, `${name}.json.gz`), { force: true });
      fs.rmSync(join(trees, name), { recursive: true, force: true });
    }
    for (const name of fs.readdirSync(trees)) if (isOldDraft(name)) forget(join(trees, name));
    const underWay = [...used].some((name) => name !== id && !all.includes(name)); // its contents are in no tree yet
    if (gone.length > 0 && !underWay) cleanBlobs();
  }

  /** What a start that was killed has left. */
  function isOldDraft(name: string): boolean {
    const stat = name.startsWith(".") ? fs.statSync(join(trees, name), { throwIfNoEntry: false }) : undefined;
    return stat !== undefined && Date.now() - stat.mtimeMs > 86_400_000;
  }

  function cleanBlobs(): void {
    const blobs = join(cache, "blobs");
    for (const folder of fs.readdirSync(blobs))
      for (const name of fs.readdirSync(join(blobs, folder))) {
        const path = join(blobs, folder, name);
        if (fs.lstatSync(path, { throwIfNoEntry: false })?.nlink === 1) fs.rmSync(path, { force: true });
      }
  }

  function isAlive(use: string): boolean {
    const [, host, pid] = use.split("@");
    const path = join(uses, use);
    const ageMs = Date.now() - (fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (host !== hostname() && ageMs < 7 * 86_400_000) return true; // another machine with the same home: a week is assumed
    try {
      if (host === hostname()) process.kill(Number(pid), 0);
      else fs.rmSync(path, { force: true });
      return host === hostname();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPERM") return true;
      fs.rmSync(path, { force: true });
      return false;
    }
  }

  let parts: Buffer[] = [];
  let length = 0;
  let frame: { kind: string; bytes: number } | undefined;
  const silence = setTimeout(() => process.exit(75), Number(silenceMs)); // the driver shows that it lives

  function heard(chunk: Buffer): void {
    silence.refresh();
    parts.push(chunk);
    length += chunk.length;
    for (;;) {
      if (frame && length < frame.bytes) return;
      let all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      if (frame) {
        const body = all.subarray(0, frame.bytes);
        all = all.subarray(frame.bytes);
        const { kind } = frame;
        frame = undefined;
        if (kind === "manifest") takeManifest(body);
        else takeBytes(gunzipSync(body));
      }
      const end = all.indexOf(10);
      if (end >= 0) {
        const [kind = "", bytes] = all.toString("latin1", 0, end).split(" ");
        if (kind !== "") frame = { kind, bytes: Number(bytes) };
        all = all.subarray(end + 1);
      }
      parts = all.length > 0 ? [all] : [];
      length = all.length;
      if (end < 0 || length === 0) return;
    }
  }

  process.stdin.on("data", guarded(heard));
  process.stdin.on("end", () => process.exit(75));
  guarded(begin)();
}
