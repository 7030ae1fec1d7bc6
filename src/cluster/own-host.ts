/** The driver as a host of its own cluster: its ranks talk to rank 0 as all others do, over `inproc://`. */
import type { InspectionEvent, Observer } from "xstate";
import { type Configuration, threadsPerRank } from "../config/configuration.ts";
import { Host } from "../host/host.ts";
import type { PeerSettings, Ways } from "../host/peers/peer-door.ts";
import type { Log } from "../log.ts";
import { packageVersion } from "../package-version.ts";
import { DealerClient } from "../transport/dealer-client.ts";
import type { HostEntry } from "./host-entry.ts";

/** How the driver's own ranks talk to those of other hosts. */
export interface OwnPeers {
  readonly settings: PeerSettings;
  ways(): Ways;
}

export class OwnHost {
  readonly #client: DealerClient;
  readonly #host: Host;

  constructor(
    entry: HostEntry,
    size: number,
    endpoint: string,
    configuration: Configuration,
    log: Log,
    inspect: Observer<InspectionEvent> | undefined,
    write: (stream: "stdout" | "stderr", line: string) => void,
    peers: OwnPeers | undefined,
  ) {
    this.#client = new DealerClient(entry.peer, { inside: true });
    this.#client.connect(endpoint);
    this.#host = new Host(
      {
        peer: entry.peer,
        host: entry.name,
        ranks: entry.ranks,
        size,
        threads: threadsPerRank(configuration.perNodeThreads, entry.ranks.length),
        rankMemoryMb: configuration.rankMemoryMb,
        nice: configuration.nice,
        version: packageVersion(),
        inspect,
        peers: peers?.settings,
      },
      this.#client,
      {
        ways: () => peers?.ways() ?? { bound: [], seenAs: [] },
        write,
        warn: (message, details) => log.write("warn", details, message),
      },
    );
    this.#host.start();
  }

  /** Nothing is read until `resume`; takes effect with the next message. */
  rest(): void {
    this.#client.rest();
    this.#host.rest();
  }

  resume(): void {
    this.#client.resume();
    this.#host.resume();
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
