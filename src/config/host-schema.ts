/**
 * The schema of one host in options and in the cluster file: a text, or an object. Both become a `HostEntry`.
 */
import * as z from "zod";
import type { HostEntry } from "./host-spec.ts";
import type { HostText } from "./host-text.ts";
import {
  environment,
  hostText,
  jumpHosts,
  niceness,
  oneOf,
  plainText,
  portNumber,
  userName,
  wholeNumber,
} from "./rules.ts";

/** A host entry that doesn't know yet where it stands. */
type PlacelessEntry = Omit<HostEntry, "where">;

const hostExpectation = 'a host such as "node1", "me@node1:2222", "pi[1-4]" or "[fe80::1]:22"';
const bareExpectation = 'a host name, an address or a range such as "pi[1-4]"';

/** What can be said of a host beside its name; the cluster file's `defaults` say it of all hosts. */
export const hostSettings = {
  user: userName.optional(),
  port: portNumber.optional(),
  slots: wholeNumber(1).optional(),
  identityFile: plainText("the path of a private key file").optional(),
  workingDir: plainText("a path").optional(),
  jump: jumpHosts.optional(),
  env: environment.optional(),
  nice: niceness.optional(),
  launcher: oneOf(["auto", "local", "ssh"]).optional(),
};
export const nodeExecutable = plainText("the path or name of a Node executable");

/** Without user and port, which an object has keys for. */
const bareHost = hostText(bareExpectation).superRefine((host: HostText, context) => {
  if (host.user !== undefined || host.number !== undefined)
    context.addIssue({ code: "custom", message: `${bareExpectation}\n"user" and "port" are keys of their own` });
});

const fromText = hostText(hostExpectation).transform((host, context): PlacelessEntry => {
  const { user, addresses, number: port } = host;
  if (port !== undefined && port > 65_535)
    context.addIssue({ code: "custom", message: `${hostExpectation}\na port is at most 65535` });
  return defined({ user, addresses, port });
});

const settingsOfOptions = z.strictObject({
  name: bareHost.optional(),
  host: bareHost.optional(),
  ...hostSettings,
  nodeExecutable: nodeExecutable.optional(),
});
const settingsOfFile = z.strictObject({
  name: bareHost.optional(),
  host: bareHost.optional(),
  ...hostSettings,
  node: nodeExecutable.optional(),
});

/** The keys of a host object, in options and in the cluster file. */
export const hostKeys = Object.keys(settingsOfOptions.shape);
export const hostKeysOfFile = Object.keys(settingsOfFile.shape);

/** A host in the options: text or `{ host, slots, nodeExecutable, … }`. */
export const hostOfOptions = z.union(
  [fromText, settingsOfOptions.transform((settings, context) => toEntry(settings, context))],
  'a host: a text such as "node1", or an object such as { host: "node1", slots: 4 }',
);

/** A host in the cluster file: text or `{ host, slots, node, … }`. */
export const hostOfFile = z.union(
  [
    fromText,
    settingsOfFile.transform(({ node, ...settings }, context) =>
      toEntry({ ...settings, nodeExecutable: node }, context),
    ),
  ],
  "a host: a text such as node1, or keys such as host: node1 and slots: 4",
);

/** `host` is where it is, `name` what it is called; one of them stands for both. */
function toEntry(settings: z.output<typeof settingsOfOptions>, context: z.RefinementCtx): PlacelessEntry {
  const { name, host, ...rest } = settings;
  const addresses = (host ?? name)?.addresses ?? [];
  if (addresses.length === 0) context.addIssue({ code: "custom", message: 'a host with a "host" or a "name"' });
  if (name && host && (addresses.length > 1 || name.addresses.length > 1))
    context.addIssue({
      code: "custom",
      message: 'a "name" for one host\na range of hosts needs none',
      path: ["name"],
    });
  return defined({ addresses, name: host && name?.addresses[0], ...rest });
}

/** Without the keys that are undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
