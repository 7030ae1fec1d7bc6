/**
 * The driver's end of steering: a private socket by which other shells of the same user find its clusters, see their jobs
 * and cancel them. It opens with the first cluster, closes with the last, and never keeps a program from ending. A job is
 * never held up by who watches: whoever reads too slowly is cut off.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import { Connection } from "./connection.ts";
import { openFolder, steerFolders } from "./folder.ts";
import type { Pages } from "./pages.ts";

const mostConnections = 64;

const clusters = new Map<number, Cluster>();
let lastCluster = 0;
let server: Server | undefined;
const sockets = new Set<Socket>();

/** Other shells of this user can see and steer the cluster's jobs until it is closed; `pages` are the same for all clusters. */
export function makeSteerable(cluster: Cluster, pages: Pages): void {
  const number = ++lastCluster;
  clusters.set(number, cluster);
  open(pages);
  void cluster.closed.then(() => {
    clusters.delete(number);
    if (clusters.size === 0) close();
  });
}

function open(pages: Pages): void {
  if (server) return;
  const path = socketPath();
  if (path === undefined) return;
  server = createServer((socket) => serve(socket, pages)).unref();
  server.maxConnections = mostConnections;
  const remove = () => unlinkQuietly(path);
  process.once("exit", remove);
  server.on("close", () => process.off("exit", remove));
  server.on("error", () => {}); // without its socket a program runs as well, only unseen
  server.listen(path, () => chmodSync(path, 0o600));
}

function close(): void {
  for (const socket of sockets) socket.destroy();
  server?.close(); // and Node removes the file
  server = undefined;
}

function serve(socket: Socket, pages: Pages): void {
  socket.unref();
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  new Connection(socket, clusters, pages);
}

/** Undefined where no folder can be trusted, or no path is short enough for a socket (POSIX allows 104 bytes at least). */
function socketPath(): string | undefined {
  const name = `${process.pid}-${randomBytes(4).toString("hex")}.sock`;
  return steerFolders()
    .filter((folder) => Buffer.byteLength(join(folder, name)) < 104 && canOpen(folder))
    .map((folder) => join(folder, name))[0];
}

function canOpen(folder: string): boolean {
  try {
    openFolder(folder);
    return true;
  } catch {
    return false;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It never came to be, or somebody was faster.
  }
}
