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
import { listenAtFreePort, outsideAddresses, tcpEndpoint, unmapped } from "../transport/addresses.ts";
import { RouterServer } from "../transport/router-server.ts";
import { type CurveKeys, makeCurveKeys, type PeerKeys } from "../transport/zap.ts";

/** What a host needs to connect as itself. */
export interface HostPass {
  readonly keys: CurveKeys;
  readonly serverKey: string;
}

const anyPort = { from: 0, to: 0 };

export class NetworkDoor {
  readonly server: RouterServer;
  readonly #configuration: Configuration;
  readonly #keys: CurveKeys | undefined;
  readonly #clients: CurveKeys[];
  /** The port that each bound address listens at, or soon will: several hosts ask at the same time. */
  readonly #ports = new Map<string, Promise<number>>();
  /** Addresses that hosts were told to try. */
  readonly #seenAs = new Set<string>();

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

  /** The keys by which hosts know each other: of host `index` its own, and the public ones of all. Undefined when insecure. */
  peerKeysOf(index: number): PeerKeys | undefined {
    if (!this.#keys) return undefined;
    const all = [this.#keys, ...this.#clients];
    return { own: all[index], all: all.map(({ publicKey }) => publicKey) };
  }

  /** Where this machine listens, and the addresses that hosts reach it by. */
  get ways(): { readonly bound: readonly string[]; readonly seenAs: readonly string[] } {
    return { bound: [...this.#ports.keys()], seenAs: [...this.#seenAs] };
  }

  /** Listens where this host can come in, if it doesn't yet. Returns the endpoints that the host should try, in this order. */
  async openFor(probe: HostProbe): Promise<string[]> {
    const own = await this.#ownAddress(probe);
    const port = await this.#portAt(own);
    const candidates = [...new Set(this.#candidates(probe, own))];
    for (const address of candidates) this.#seenAs.add(address);
    return candidates.map((address) => tcpEndpoint(address, port));
  }

  /** Listens on this machine's loopback only, for the end of a tunnel. Returns the port. */
  async openForTunnel(): Promise<number> {
    return this.#portAt("127.0.0.1");
  }

  /**
   * What `bind` says, then the address that the host's own ssh connection came from, then `masterNode`. Behind a jump host nothing
   * tells which of this machine's addresses leads here: first the one on the way to the jump host, at last all.
   */
  #candidates({ clientAddress, localAddress, jumps }: HostProbe, own: string): string[] {
    const { bind, masterNode } = this.#configuration;
    const seen = jumps === 0 ? clientAddress : localAddress;
    const likely = [seen && unmapped(seen), masterNode];
    const all = bind === undefined ? [...likely, own] : [own, ...likely];
    if (isUnspecified(own)) all.push(...outsideAddresses().filter((address) => isIP(address) === isIP(own)));
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

  #bind(address: string): Promise<number> {
    return listenAtFreePort(this.server, address, this.#configuration.port ?? anyPort);
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

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
