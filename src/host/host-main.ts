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
import { waysTo } from "./peers/peer-door.ts";
import { reachableEndpoint } from "./reachable-endpoint.ts";

// Ctrl-C reaches every process of the terminal; the driver alone decides what it means.
process.on("SIGINT", () => {});

const stdin = createInterface({ input: process.stdin });
const remote = process.argv.includes(announceFlag);
let host: Host | undefined;
// Over a network, the end of stdin may never arrive: until the settings are here, the driver shows that it lives.
const silence = remote ? setTimeout(leave, silenceLimitMs, 1) : undefined;
stdin.on("line", heard);
stdin.once("close", () => leave(0));
if (remote) process.stdout.write(announcement(describeHost()));

function heard(line: string): void {
  if (line === "") return void silence?.refresh();
  clearTimeout(silence);
  stdin.off("line", heard);
  void start(settingsIn(line));
}

/** The parser's own error would quote the line, and there are keys in it. */
function settingsIn(line: string): HostSettings {
  try {
    return JSON.parse(line) as HostSettings;
  } catch {
    return end("the settings that came from rank 0 could not be read");
  }
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
  const inside = endpoints.every((endpoint) => !endpoint.startsWith("tcp:"));
  const client = new DealerClient(settings.peer, { curve, inside, silenceMs: leaseMs });
  client.onBroken(() => end(`${settings.host} lost its connection to rank 0, and ends`));
  client.onRenewed((lane) => log.write("info", {}, `the ${lane} connection to rank 0 stood still, and was made anew`));
  const { endpoint, localAddress } = await reachableEndpoint(endpoints, connectTimeoutS * 1000).catch((error: Error) =>
    end(error.message),
  );
  client.connect(endpoint);
  host = new Host({ ...settings, version: packageVersion() }, client, {
    ways: () => waysTo(localAddress, settings.peers?.network?.tunnelled ?? false),
    write: (stream, text) => process[stream].write(text),
    warn: (message, details) => log.write("warn", details, message),
  });
  host.start();
}

function end(words: string): never {
  process.stderr.write(`${words}\n`);
  return leave(1);
}

/**
 * Ends this process now. Node's own exit waits for what its thread pool does, such as looking up a name where no name server
 * answers (10 s), or reading from a file system that is gone (for ever).
 */
function leave(code: number): never {
  const busy = process.getActiveResourcesInfo().some((kind) => /Req/.test(kind));
  if (busy || host) process.kill(process.pid, "SIGKILL"); // with a host, compute threads may use the pool as well
  process.exit(code);
}
