/** Puts together what a rank needs to talk to the others of its job: fabric, device, messenger, and the world communicator. */
import { availableParallelism } from "node:os";
import { Communicator } from "./communicator.ts";
import { coreYield } from "./core-yield.ts";
import { Device } from "./device/device.ts";
import { Fabric, type FabricMap } from "./device/fabric.ts";
import { SentCounts } from "./device/sent-counts.ts";
import { Messenger, type MessengerSurroundings } from "./messenger.ts";
import { ContextNumbers } from "./station.ts";
import type { WindowRoads } from "./window/make-window.ts";

export interface Talk {
  /** All ranks of the job. MPI_COMM_WORLD. */
  readonly world: Communicator;
  /** Resolves when all that was sent has left. */
  flush(): Promise<void>;
  /** As `flush`; blocks the thread. */
  flushSync(): void;
  /** This rank does nothing more for its job. */
  finish(): void;
  /** Resolves when nobody waits for a message; undefined when nobody does. */
  readonly pending: Promise<void> | undefined;
}

/** The world's context; communicators made from it get others. */
const worldContext = 0;

/** What a rank needs of its thread. */
export interface TalkSurroundings extends Omit<MessengerSurroundings, "coreYield">, Omit<WindowRoads, "serverOf"> {}

/** @param size ranks in the job; those of the map beyond are the servers of windows, one for each host */
export function openTalk(rank: number, size: number, map: FabricMap, around: TalkSurroundings): Talk {
  const fabric = new Fabric(map);
  const messenger = new Messenger((arrivals) => new Device(rank, fabric, arrivals), new SentCounts(map, rank), {
    tell: (standing) => around.tell(standing),
    isQuiet: () => around.isQuiet(),
    raiseIfCancelled: () => around.raiseIfCancelled(),
    coreYield: haveOwnCores(map) ? undefined : coreYield,
  });
  const contexts = new ContextNumbers(rank, size);
  const members = Array.from({ length: size }, (_, member) => member);
  const roads: WindowRoads = {
    expose: (exposure) => around.expose(exposure),
    withdraw: (window) => around.withdraw(window),
    serverOf: (host) => size + host,
  };
  return {
    world: new Communicator({ rank, messenger, hosts: map.hosts, contexts, roads }, worldContext, members),
    flush: () => messenger.flush(),
    flushSync: () => messenger.flushSync(),
    finish: () => messenger.finish(),
    get pending() {
      return messenger.pending;
    },
  };
}

/** What moves messages between hosts needs two cores as well: the main thread, and ZeroMQ's. */
function haveOwnCores({ localRanks, hosts }: FabricMap): boolean {
  const movers = localRanks.length < hosts.length ? 2 : 0;
  return localRanks.length + movers <= availableParallelism();
}
