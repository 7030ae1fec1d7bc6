/** How a connection names itself to a ROUTER: its peer, its lane, and which of the lane's connections it is, one after the other. */
import { type Lane, lanes } from "./transport.ts";

/** @param nth 0 for a lane's first connection */
export function routingId(peer: string, lane: Lane, nth = 0): string {
  return `${peer}/${lane}${nth === 0 ? "" : nth}`;
}

/** Without a lane, it is none of ours. */
export function splitRoutingId(id: Uint8Array): { peer: string; lane: Lane | undefined; nth: number } {
  const text = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString();
  const cut = text.lastIndexOf("/");
  const name = text.slice(cut + 1);
  const lane = lanes.find((each) => name.startsWith(each));
  const nth = Number(name.slice(lane?.length));
  return { peer: text.slice(0, cut), lane: Number.isSafeInteger(nth) && nth >= 0 ? lane : undefined, nth };
}
