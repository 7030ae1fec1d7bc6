/** The values of one job inside a compute thread: decodes parts, and each shared value and each function once. */
import { isFunctionRef } from "../functions/function-ref.ts";
import { reviveFunction } from "../functions/revive-function.ts";
import { decodeValue, openValue } from "../wire/value-codec.ts";
import { cancelRequested, raiseIfCancelled } from "./cancellation.ts";
import type { ComputeRequest, ValueFrames } from "./thread-protocol.ts";

export class ThreadValues {
  readonly #blocks = new Map<number, unknown>();
  readonly #localModule: (module: string) => string;

  /** @param localModule where a module of the driver lies here */
  constructor(localModule: (module: string) => string) {
    this.#localModule = localModule;
  }

  /** The parts of a request. @throws what a function's module throws, and when a function can't be made again. */
  async open({ parts, blocks }: ComputeRequest): Promise<readonly unknown[]> {
    for (const { id, value } of blocks) this.#blocks.set(id, await this.#decode(value));
    return (await this.#decode(parts)) as readonly unknown[];
  }

  /** The job has ended. */
  forget(): void {
    this.#blocks.clear();
  }

  async #decode({ head, raws }: ValueFrames): Promise<unknown> {
    const opened = openValue(head);
    const functions = await Promise.all(opened.functions.map((ref) => this.#revive(ref)));
    return decodeValue(opened, raws, { functionAt: (index) => functions[index], block: (id) => this.#blocks.get(id) });
  }

  #revive(ref: unknown): unknown {
    if (!isFunctionRef(ref)) throw new TypeError("a function reference that is none");
    const here = ref.kind === "module" ? { ...ref, module: this.#localModule(ref.module) } : ref;
    return reviveFunction(here, { cancelRequested, raiseIfCancelled });
  }
}
