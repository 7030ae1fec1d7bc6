/** All hosts of a cluster, and their ranks. */
import type { Configuration } from "../config/configuration.ts";
import type { RouterServer } from "../transport/router-server.ts";
import { HostEntry } from "./host-entry.ts";
import type { NetworkDoor } from "./network-door.ts";

/** The driver's own host first, then the others, with their ranks numbered through. */
export function hostEntries(
  { hosts, masterNode, perNodeCores }: Configuration,
  local: RouterServer,
  door: NetworkDoor | undefined,
): HostEntry[] {
  let next = 0;
  const ranks = (count: number) => Array.from({ length: count }, () => next++);
  const own = new HostEntry(0, masterNode, ranks(hosts.length > 0 ? 1 : perNodeCores), undefined, local);
  const others = hosts.map(
    (spec, i) =>
      new HostEntry(i + 1, spec.name, ranks(spec.slots), spec, spec.launcher === "ssh" ? door!.server : local),
  );
  return [own, ...others];
}
