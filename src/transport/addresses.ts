/** Addresses to listen at, and the free port of a range at one of them. */
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { ServerTransport } from "./transport.ts";

/** Ports that may be used, both ends among them; 0 to 0: any free one. */
export interface Ports {
  readonly from: number;
  readonly to: number;
}

/** Listens at the first port of the range that is free. Returns the port. @throws TransportError of the last one */
export async function listenAtFreePort(server: ServerTransport, address: string, ports: Ports): Promise<number> {
  let failure: unknown;
  for (let port = ports.from; port <= ports.to; port++) {
    try {
      const endpoint = await server.listen(`tcp://${bracketed(address)}:${port === 0 ? "*" : port}`);
      return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

export function tcpEndpoint(address: string, port: number): string {
  return `tcp://${bracketed(address)}:${port}`;
}

/** The addresses by which other machines know this one. */
export function outsideAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid) // one with a scope means nothing to others
    .map(({ address }) => address);
}

/** `::ffff:10.0.0.1` is 10.0.0.1. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
