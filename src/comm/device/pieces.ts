/** Into how many pieces a large message is cut. Both sides work it out from its length. */
import { farPlaces, nearPlaces } from "./staging.ts";

/** Several, so that both sides copy at the same time. */
const nearPieces = 8;
const leastNearBytes = 1 << 15;
const farPieces = 4;
const leastFarBytes = 1 << 16;
const pageBytes = 4096;

/** Of a message within a host. */
export function nearPieceBytes(byteLength: number): number {
  return between(leastNearBytes, byteLength / nearPieces, nearPlaces.bytes);
}

/** Of a message to another host. */
export function farPieceBytes(byteLength: number): number {
  return between(leastFarBytes, byteLength / farPieces, farPlaces.bytes);
}

function between(least: number, bytes: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(bytes / pageBytes) * pageBytes));
}
