/** The worlds on which ranks talk to each other: threads of one process, and host processes of this machine. */
import type { InfraOptions } from "mpits";

const host = (slots: number) => ({ host: "localhost", slots });
const threads = (count: number) => [`${count} threads`, { perNodeCores: count }] as const;

/** Name and options. With hosts, rank 0 is the driver's own. */
export const worlds: readonly (readonly [string, InfraOptions])[] = [
  ["1 thread", { perNodeCores: 1 }],
  ...[2, 3, 4, 7].map(threads),
  ["2 processes", { hosts: [host(1)] }],
  ["3 processes", { hosts: [host(1), host(1)] }],
  ["3 processes with 4 ranks", { hosts: [host(2), host(1)] }],
  ["3 processes with 7 ranks", { hosts: [host(3), host(3)] }],
];

/** Those that `npm test` has the time for; `npm run test:long` and `test:cluster` try all. */
export const someWorlds = worlds.filter(([name]) =>
  ["1 thread", "3 threads", "3 processes with 4 ranks"].includes(name),
);
