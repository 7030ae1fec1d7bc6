/**
 * The host process's side of one compute thread: starts it when it is first needed, hands it requests, ends it by force,
 * and turns its end into a fact with words.
 */
import type { Writable } from "node:stream";
import { Worker } from "node:worker_threads";
import type { Standing } from "../comm/wait-for.ts";
import { builtUrl } from "../places.ts";
import type { RankMemory } from "../thread/rank-memory.ts";
import {
  type FromThread,
  type Request,
  type Response,
  type Startup,
  transferOf,
  type WindowMessage,
} from "../thread/thread-protocol.ts";
import { type ErrorRecord, errorToRecord } from "../wire/error-codec.ts";
import { loaderArguments } from "./loader-arguments.ts";

export interface ThreadListener {
  responded(response: Response): void;
  /** The thread has ended without being told to; `error` says why. It is started again with the next request. */
  died(error: ErrorRecord): void;
  /** What the kernel wrote. */
  printed(stream: "stdout" | "stderr", text: string): void;
  /** Where its rank stands among those that it talks to; undefined: it goes on. */
  stands(job: number, standing: Standing | undefined): void;
  /** It shows memory in a window, or no longer does. */
  windowChanged(message: WindowMessage): void;
}

export interface ThreadOptions extends Omit<Startup, "kind" | "memory"> {
  readonly memory: RankMemory;
  /** Limit of the thread's JavaScript heap in MiB; undefined leaves Node's own. */
  readonly rankMemoryMb: number | undefined;
}

export class ComputeThread {
  readonly #options: ThreadOptions;
  readonly #listener: ThreadListener;
  #worker: Worker | undefined;

  constructor(options: ThreadOptions, listener: ThreadListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Starts the thread ahead of its first request. */
  start(): void {
    this.#worker ??= this.#startWorker();
  }

  /** Hands a request over. Buffers that are not shared are transferred, so they are gone here afterwards. */
  send(request: Request): void {
    if (request.ask === "forget" && !this.#worker) return;
    this.start();
    this.#worker!.postMessage(request, request.ask === "compute" ? transferOf(request.parts) : []);
  }

  /** Ends the thread whatever it does; resolves when it is gone. `died` is not called. */
  async terminate(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #startWorker(): Worker {
    const { memory, rankMemoryMb, ...rest } = this.#options;
    const startup: Startup = { kind: "Startup", ...rest, memory: memory.buffer };
    const worker = new Worker(builtUrl("thread/thread-main.js"), {
      workerData: startup,
      name: `rank ${rest.rank}`,
      // As the program has them: it may be loaded to find its kernel, and must not end there for want of an argument.
      argv: process.argv.slice(2),
      stdin: rest.rank === 0,
      execArgv: [...loaderArguments(process.execArgv), "--conditions=mpits-compute-thread"],
      ...(rankMemoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: rankMemoryMb } }),
    });
    this.#listenTo(worker);
    worker.unref();
    return worker;
  }

  #listenTo(worker: Worker): void {
    let cause: { readonly thrown: unknown } | undefined;
    worker.on("message", (message: FromThread) => {
      if (message.kind === "Output") this.#listener.printed(message.stream, message.text);
      else if (message.kind === "Input") openInput(worker.stdin!, message.wanted);
      else if (message.kind === "Expose" || message.kind === "Withdraw") this.#listener.windowChanged(message);
      else if (message.kind === "Standing") this.#listener.stands(message.job, message.standing);
      else if (worker === this.#worker && message.kind === "Response") this.#listener.responded(message);
    });
    worker.on("error", (error) => {
      cause = { thrown: error };
    });
    worker.on("exit", (exitCode) => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#listener.died(deathOf(cause, exitCode, this.#options.rank));
    });
  }
}

/** Rank 0 lives in the driver, so the driver's stdin is this process's. */
function openInput(stdin: Writable, wanted: boolean): void {
  if (wanted) process.stdin.pipe(stdin);
  else stdin.end();
}

function deathOf(cause: { readonly thrown: unknown } | undefined, exitCode: number, rank: number): ErrorRecord {
  if (codeOf(cause?.thrown) === "ERR_WORKER_OUT_OF_MEMORY")
    return {
      name: "Error",
      code: "ERR_WORKER_OUT_OF_MEMORY",
      message: `rank ${rank} ran out of memory in its JavaScript heap. Use smaller parts, typed arrays, or a larger "rankMemoryMb".`,
    };
  if (cause !== undefined) return errorToRecord(cause.thrown);
  return {
    name: "Error",
    message: `the kernel ended its compute thread on rank ${rank} by process.exit(${exitCode}). Return a value or throw instead.`,
  };
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
