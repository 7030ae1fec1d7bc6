/**
 * Rank 0's open door to other machines: one ROUTER behind CURVE, bound where the hosts can reach it, and the keys that are
 * admitted. Which address a host uses is found out by the host: it gets a list, likeliest first.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { Configuration } from "../config/configuration.ts";
import { UsageError } from "../errors.ts";
import type { HostProbe } from "../launch/launcher.ts";
import { RouterServer } from "../transport/router-server.ts";
import { type CurveKeys, makeCurveKeys } from "../transport/zap.ts";

/** What a host needs to connect as itself. */
export interface HostPass {
  readonly keys: CurveKeys;
  readonly serverKey: string;
}

export class NetworkDoor {
  readonly server: RouterServer;
  readonly #configuration: Configuration;
  readonly #keys: CurveKeys | undefined;
  readonly #clients: CurveKeys[];
  /** The port that each bound address listens at, or soon will: several hosts ask at the same time. */
  readonly #ports = new Map<string, Promise<number>>();

  /** @param hosts how many hosts will come at the most; each gets keys of its own */
  constructor(configuration: Configuration, hosts: number) {
    this.#configuration = configuration;
    this.#keys = configuration.insecure ? undefined : makeCurveKeys();
    this.#clients = Array.from({ length: hosts }, makeCurveKeys);
    this.server = new RouterServer(
      this.#keys && { keys: this.#keys, clientKeys: this.#clients.map(({ publicKey }) => publicKey) },
    );
  }

  /** The pass of host number `index`; undefined when the door is insecure. */
  passOf(index: number): HostPass | undefined {
    return this.#keys && { keys: this.#clients[index], serverKey: this.#keys.publicKey };
  }

  /** Listens where this host can come in, if it doesn't yet. Returns the endpoints that the host should try, in this order. */
  async openFor(probe: HostProbe): Promise<string[]> {
    const own = await this.#ownAddress(probe);
    const port = await this.#portAt(own);
    return [...new Set(this.#candidates(probe, own))].map((address) => `tcp://${bracketed(address)}:${port}`);
  }

  /** Listens on this machine's loopback only, for the end of a tunnel. Returns the port. */
  async openForTunnel(): Promise<number> {
    return this.#portAt("127.0.0.1");
  }

  /** What `bind` says, then the address that the host's own ssh connection came from, then `masterNode`. */
  #candidates({ clientAddress, jumps }: HostProbe, own: string): string[] {
    const { bind, masterNode } = this.#configuration;
    const seen = jumps === 0 && clientAddress !== undefined ? unmapped(clientAddress) : undefined;
    const all = bind === undefined ? [seen, masterNode, own] : [own, seen, masterNode];
    return all.filter((address) => address !== undefined && !isUnspecified(address)) as string[];
  }

  async #ownAddress({ localAddress, jumps }: HostProbe): Promise<string> {
    const { bind } = this.#configuration;
    if (bind !== undefined) return addressOf(bind);
    return jumps === 0 && localAddress !== undefined ? unmapped(localAddress) : "0.0.0.0";
  }

  #portAt(address: string): Promise<number> {
    const port = this.#ports.get(address) ?? this.#bind(address);
    this.#ports.set(address, port);
    port.catch(() => this.#ports.delete(address)); // it may be free when the next host asks
    return port;
  }

  async #bind(address: string): Promise<number> {
    const { from, to } = this.#configuration.port ?? { from: 0, to: 0 };
    let failure: unknown;
    for (let port = from; port <= to; port++) {
      try {
        const endpoint = await this.server.listen(`tcp://${bracketed(address)}:${port === 0 ? "*" : port}`);
        return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

/** An address, a name, or the name of a network interface. */
async function addressOf(bind: string): Promise<string> {
  const ofInterface = networkInterfaces()[bind];
  if (ofInterface) return (ofInterface.find(({ family }) => family === "IPv4") ?? ofInterface[0])!.address;
  if (isIP(bind)) return bind;
  try {
    return (await lookup(bind)).address;
  } catch (cause) {
    throw new UsageError(`"bind" must be an address or a network interface of this machine, got "${bind}" (string).`, {
      cause,
    });
  }
}

/** `::ffff:10.0.0.1` is 10.0.0.1. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
