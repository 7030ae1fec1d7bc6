/** The values of one job inside a compute thread: decodes parts, and each shared value and each function once. */
import { isFunctionRef } from "../functions/function-ref.ts";
import { reviveFunction } from "../functions/revive-function.ts";
import { decodeValue, openValue } from "../wire/value-codec.ts";
import { cancelRequested, raiseIfCancelled } from "./cancellation.ts";
import type { ComputeRequest, ValueFrames } from "./thread-protocol.ts";

type Opened = ReturnType<typeof openValue>;

export class ThreadValues {
  readonly #blocks = new Map<number, unknown>();
  readonly #localModule: (module: string) => string;

  /** @param localModule where a module of the driver lies here */
  constructor(localModule: (module: string) => string) {
    this.#localModule = localModule;
  }

  /**
   * The parts of a request; a promise of them where functions or shared values come with them.
   * @throws what a function's module throws, and when a function can't be made again
   */
  open({ parts, blocks }: ComputeRequest): readonly unknown[] | Promise<readonly unknown[]> {
    const opened = openValue(parts.head);
    if (blocks.length > 0 || opened.functions.length > 0) return this.#openAll(opened, parts, blocks);
    return this.#decode(opened, parts, []) as readonly unknown[];
  }

  /** The job has ended. */
  forget(): void {
    this.#blocks.clear();
  }

  async #openAll(opened: Opened, parts: ValueFrames, blocks: ComputeRequest["blocks"]): Promise<readonly unknown[]> {
    for (const { id, value } of blocks) this.#blocks.set(id, await this.#revived(openValue(value.head), value));
    return (await this.#revived(opened, parts)) as readonly unknown[];
  }

  async #revived(opened: Opened, value: ValueFrames): Promise<unknown> {
    return this.#decode(opened, value, await Promise.all(opened.functions.map((ref) => this.#revive(ref))));
  }

  #decode(opened: Opened, { raws }: ValueFrames, functions: readonly unknown[]): unknown {
    return decodeValue(opened, raws, { functionAt: (index) => functions[index], block: (id) => this.#blocks.get(id) });
  }

  #revive(ref: unknown): unknown {
    if (!isFunctionRef(ref)) throw new TypeError("a function reference that is none");
    const here = ref.kind === "module" ? { ...ref, module: this.#localModule(ref.module) } : ref;
    return reviveFunction(here, { cancelRequested, raiseIfCancelled });
  }
}
