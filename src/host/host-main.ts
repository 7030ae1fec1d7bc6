/**
 * The entry of a host process. Reads its settings from the first line on stdin, serves its ranks, and ends when it is told to
 * or when stdin ends: whatever becomes of the driver, this process does not outlive its pipe.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { HostSettings } from "../launch/launcher.ts";
import { Log } from "../log.ts";
import { DealerClient } from "../transport/dealer-client.ts";
import { Host } from "./host.ts";

// Ctrl-C reaches every process of the terminal; the driver alone decides what it means.
process.on("SIGINT", () => {});

const stdin = createInterface({ input: process.stdin });
let host: Host | undefined;
stdin.once("line", (line) => start(JSON.parse(line) as HostSettings));
stdin.once("close", () => process.exit(0));

function start({ endpoint, logLevel, ...settings }: HostSettings): void {
  const log = Log.ofHost(logLevel, settings.host);
  const client = new DealerClient(settings.peer);
  client.connect(endpoint);
  host = new Host({ ...settings, version: packageVersion() }, client, {
    shutdown: () => void shutDown(),
    write: (stream, text) => process[stream].write(text),
    warn: (message, details) => log.write("warn", details, message),
  });
  host.start();
}

async function shutDown(): Promise<void> {
  await host?.close();
  process.exit(0);
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
}
