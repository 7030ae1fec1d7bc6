/**
 * The entry of a host process. Reads its settings from the first line on stdin, serves its ranks, and ends when it is told to
 * or when stdin ends: whatever becomes of the driver, this process does not outlive its pipe.
 */
import { createInterface } from "node:readline";
import type { HostSettings } from "../launch/launcher.ts";
import { Log } from "../log.ts";
import { packageVersion } from "../package-version.ts";
import { DealerClient } from "../transport/dealer-client.ts";
import { announceFlag, announcement, silenceLimitMs } from "./announcement.ts";
import { describeHost } from "./describe-host.ts";
import { Host } from "./host.ts";
import { reachableEndpoint } from "./reachable-endpoint.ts";

// Ctrl-C reaches every process of the terminal; the driver alone decides what it means.
process.on("SIGINT", () => {});

const stdin = createInterface({ input: process.stdin });
const remote = process.argv.includes(announceFlag);
let host: Host | undefined;
// Over a network, the end of stdin may never arrive: until the settings are here, the driver shows that it lives.
const silence = remote ? setTimeout(() => process.exit(1), silenceLimitMs) : undefined;
stdin.on("line", heard);
stdin.once("close", () => process.exit(0));
if (remote) process.stdout.write(announcement(describeHost()));

function heard(line: string): void {
  if (line === "") return void silence?.refresh();
  clearTimeout(silence);
  stdin.off("line", heard);
  void start(JSON.parse(line) as HostSettings);
}

async function start({
  endpoints,
  connectTimeoutS,
  curve,
  leaseMs,
  logLevel,
  env,
  arguments: programArguments,
  ...settings
}: HostSettings): Promise<void> {
  Object.assign(process.env, env);
  process.argv.splice(2, process.argv.length, ...programArguments);
  const log = Log.ofHost(logLevel, settings.host);
  const client = new DealerClient(settings.peer, { curve, silenceMs: leaseMs });
  client.onBroken(() => end(`${settings.host} lost its connection to rank 0, and ends`));
  client.connect(
    await reachableEndpoint(endpoints, connectTimeoutS * 1000).catch((error: Error) => end(error.message)),
  );
  host = new Host({ ...settings, version: packageVersion() }, client, {
    shutdown: () => void shutDown(),
    write: (stream, text) => process[stream].write(text),
    warn: (message, details) => log.write("warn", details, message),
  });
  host.start();
}

function end(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

async function shutDown(): Promise<void> {
  await host?.close();
  process.exit(0);
}
