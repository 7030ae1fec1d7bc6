/** Where the other hosts of a cluster come in: one ROUTER for each host, with the cluster's keys, open from its first need on. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { listenAtFreePort, outsideAddresses, type Ports, tcpEndpoint } from "../../transport/addresses.ts";
import { RouterServer } from "../../transport/router-server.ts";
import type { PeerKeys } from "../../transport/zap.ts";

/** What a host needs to know to talk to the others. */
export interface PeerSettings {
  /** Its number in the cluster; 0 is the driver's own. */
  readonly index: number;
  /** Where the hosts of the driver's machine have their sockets; undefined on other machines. */
  readonly folder?: string | undefined;
  /** Set when there are hosts on other machines. */
  readonly network?: { readonly ports: Ports; readonly tunnelled: boolean } | undefined;
  /** Undefined when nothing leaves the machine, and when the cluster is insecure. */
  readonly keys?: PeerKeys | undefined;
}

/** Addresses to listen at, and those by which others know them. */
export interface Ways {
  readonly bound: readonly string[];
  readonly seenAs: readonly string[];
}

/**
 * The ways to a host by network: the address from which it reached rank 0, or all that it has when that says nothing.
 * @param localAddress its own address on the connection to rank 0
 */
export function waysTo(localAddress: string | undefined, tunnelled: boolean): Ways {
  const all = localAddress === undefined || tunnelled ? outsideAddresses() : [localAddress];
  return { bound: all, seenAs: all };
}

export class PeerDoor {
  readonly server: RouterServer;
  readonly #settings: PeerSettings;

  constructor(settings: PeerSettings) {
    const { keys } = settings;
    this.#settings = settings;
    this.server = new RouterServer(keys && { keys: keys.own, clientKeys: keys.all });
  }

  /** Listens. Returns the endpoints that others may try, likeliest first. */
  async open(ways: () => Ways): Promise<string[]> {
    const { index, folder, network } = this.#settings;
    const endpoints: string[] = [];
    if (folder !== undefined) {
      const name = `host${index}-${randomBytes(4).toString("hex")}`; // one that comes back must not find its old socket
      endpoints.push(await this.server.listen(`ipc://${join(folder, name)}`));
    }
    if (network) endpoints.push(...(await this.#openNetwork(ways(), network.ports)));
    return endpoints;
  }

  async #openNetwork({ bound, seenAs }: Ways, ports: Ports): Promise<string[]> {
    const endpoints: string[] = [];
    for (const address of bound) {
      const port = await listenAtFreePort(this.server, address, ports);
      const others = bound.length === 1 ? seenAs.filter((each) => each !== address) : [];
      const names = isUnspecified(address) ? seenAs : [address, ...others];
      endpoints.push(...names.map((name) => tcpEndpoint(name, port)));
    }
    return endpoints;
  }
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
