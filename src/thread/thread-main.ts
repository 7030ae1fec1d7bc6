/**
 * The entry of a compute thread: takes one request at a time, computes its parts and answers. It never touches a socket.
 * The host process starts it (see host/compute-thread.ts) and may end it at any time.
 */
import { MessageChannel, type MessagePort, parentPort, type TransferListItem, workerData } from "node:worker_threads";
import { openTalk, type Talk } from "../comm/open-talk.ts";
import type { Exposure } from "../comm/window/make-window.ts";
import { RankLostError, UsageError } from "../errors.ts";
import { errorToRecord } from "../wire/error-codec.ts";
import { CancelledInKernel, enterComputeThread } from "./cancellation.ts";
import { holdLoopOpen, isQuiet } from "./event-loop.ts";
import { loadKernel, notePark } from "./kernel-loader.ts";
import { localModule } from "./module-roots.ts";
import { nativeThreadId } from "./native-thread-id.ts";
import { PartRunner } from "./part-runner.ts";
import { giveWay } from "./priority.ts";
import { servePrograms } from "./program-run.ts";
import { RankMemory } from "./rank-memory.ts";
import type { ComputeRequest, FromThread, Request, Startup } from "./thread-protocol.ts";
import { joinStreams } from "./thread-streams.ts";
import { ThreadValues } from "./thread-values.ts";

const startup = workerData as Startup;
giveWay(startup.nice);
const memory = new RankMemory(startup.memory);
memory.threadId = nativeThreadId();
const values = new ThreadValues((module) => localModule(module, startup.roots));
let job = 0;
let talk: Talk | undefined;

const cancelRequested = () => memory.isCancelled(job);
enterComputeThread({ cancelRequested, park: notePark });

const runner = new PartRunner({
  memory,
  cancelRequested,
  post,
  flush: () => leaveTalk(),
  context: {
    rank: startup.rank,
    size: startup.size,
    host: startup.host,
    threads: startup.threads,
    cancelRequested,
    get comm() {
      if (talk) return talk.world;
      throw new UsageError("this kernel's ranks can't talk to each other; define it with together: true.");
    },
    raiseIfCancelled() {
      if (cancelRequested()) throw new CancelledInKernel();
    },
    progress: (done, total = 0) => memory.setProgress(done, total),
  },
});

servePrograms({
  localModule: (module) => localModule(module, startup.roots),
  talk: () => talk!,
  holdOpen: holdLoopOpen,
  leave(end) {
    if (end.exitCode === 0) talk!.flushSync();
    talk!.finish();
    runner.leave(job, end);
  },
});
parentPort!.on("message", (request: Request) => {
  if (request.ask === "forget") values.forget();
  else void compute(request);
});
joinStreams(startup.rank, post);
post({ kind: "Ready" });

async function compute(request: ComputeRequest): Promise<void> {
  enterJob(request.job);
  try {
    const { name, module } = request.kernel;
    const loaded = loadKernel({ name, module: localModule(module, startup.roots) });
    const kernel = loaded instanceof Promise ? await loaded : loaded;
    const opened = values.open(request);
    const parts = opened instanceof Promise ? await opened : opened;
    talk =
      request.fabric &&
      openTalk(startup.rank, startup.size, request.fabric, {
        tell: (standing) => post({ kind: "Standing", job, standing }),
        isQuiet,
        raiseIfCancelled: raiseWhatEndsWaits,
        expose,
        withdraw: (window) => post({ kind: "Withdraw", window }),
      });
    post({ kind: "Response", job, what: "started" });
    await runner.run(kernel, job, parts);
  } catch (error) {
    post({ kind: "Response", job: request.job, what: "failed", part: null, error: errorToRecord(error) });
  }
}

/** A rank that waits for others hears which of them is lost. */
function raiseWhatEndsWaits(): void {
  if (!cancelRequested()) return;
  const { loss } = memory;
  throw loss ? new RankLostError(loss.message, loss) : new CancelledInKernel();
}

/** Memory that this rank shows; that of the others of its host comes on the port. */
function expose(exposure: Exposure): MessagePort {
  const { port1, port2 } = new MessageChannel();
  post({ kind: "Expose", exposure, reply: port2 }, [port2]);
  return port1;
}

/** All that the kernel sent has gone, and nothing more comes. */
async function leaveTalk(): Promise<void> {
  await talk?.flush();
  talk?.finish();
}

function enterJob(next: number): void {
  if (next === job) return;
  job = next;
  memory.resetProgress();
  values.forget();
}

function post(message: FromThread, transfer: readonly TransferListItem[] = []): void {
  parentPort!.postMessage(message, transfer);
}
