/** Brings the bytes of a message to where its receive wants them, when the two have been matched; what is too long for it gets lost. */
import { UsageError } from "../errors.ts";
import { copyBytes } from "../wire/copy-bytes.ts";
import { unfilled } from "../wire/unfilled.ts";
import type { Device } from "./device/device.ts";
import type { Envelope } from "./device/fragment.ts";
import { typeName, valueType } from "./device/payload.ts";
import type { PostedReceive, Selector } from "./matching.ts";
import type { Operation } from "./operation.ts";
import { ReceivedMessage } from "./underway.ts";

/** A message that came before its receive, or announced itself. */
export interface Arrived extends Selector {
  readonly byteLength: number;
  readonly envelope: Envelope;
  /** Of a small one, copied out of the inbox. */
  bytes: Uint8Array | undefined;
}

export interface Receive extends PostedReceive {
  readonly operation: Operation;
  /** Where a typed array's bytes go; without it a new array is made. */
  readonly into: Uint8Array | undefined;
  /** Gets the bytes when they are all in `into`. */
  readonly landed: ((bytes: Uint8Array) => void) | undefined;
}

export class Landing {
  readonly #device: Pick<Device, "accept" | "drop" | "received">;

  constructor(device: Pick<Device, "accept" | "drop" | "received">) {
    this.#device = device;
  }

  /** @param cell has the bytes of a small message, from `from` on; undefined: they are to be asked for */
  land({ envelope, bytes: own }: Arrived, receive: Receive, cell: Uint8Array | undefined, from: number): void {
    const { into } = receive;
    const isValue = envelope.type === valueType;
    if (into && !isValue && envelope.bytes > into.byteLength)
      return this.#refuse(envelope, receive, cell !== undefined);
    // A value is decoded from its bytes, and never lies in the caller's buffer.
    const target = into && !isValue ? startOf(into, envelope.bytes) : (own ?? unfilled(envelope.bytes));
    if (!cell) return this.#device.accept(envelope, target, () => finish(envelope, receive, target));
    if (target !== cell) copyPart(target, cell, from);
    this.#device.received(envelope);
    finish(envelope, receive, target);
  }

  /** Nobody receives it. */
  drop({ envelope, bytes }: Arrived): void {
    if (bytes) this.#device.received(envelope);
    else this.#device.drop(envelope); // its sender waits to be asked
  }

  #refuse(envelope: Envelope, { operation, into }: Receive, isHere: boolean): void {
    if (isHere) this.#device.received(envelope);
    else this.#device.drop(envelope);
    operation.outcome = { error: truncated(envelope, into!) };
  }
}

/** The bytes of a message are all in their place. */
function finish(envelope: Envelope, { operation, landed }: Receive, target: Uint8Array): void {
  if (landed && envelope.type !== valueType) landed(target);
  operation.outcome = { received: new ReceivedMessage(envelope, target) };
}

/** A view costs as much as matching a message. */
function startOf(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.byteLength === length ? bytes : bytes.subarray(0, length);
}

/** Up to this many bytes are copied one by one: calls and views cost more. */
const copiedByHand = 64;

function copyPart(target: Uint8Array, source: Uint8Array, from: number): void {
  const { byteLength } = target;
  if (byteLength > copiedByHand) copyBytes(target, source.subarray(from, from + byteLength));
  else for (let i = 0; i < byteLength; i++) target[i] = source[from + i]!;
}

function truncated({ source, tag, type, bytes }: Envelope, into: Uint8Array): UsageError {
  return new UsageError(
    `the message from rank ${source}, tag ${tag} (${typeName(type)}, ${bytes} bytes) does not fit into the ${into.byteLength} bytes that were given for it.`,
  );
}
