/**
 * known_hosts files as OpenSSH reads them (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): plain, hashed and wildcard entries, ports,
 * `@revoked`. Host certificates (`@cert-authority`) are recognised and not used. Pure functions: no file is touched here.
 */
import { createHash, createHmac } from "node:crypto";

export interface KnownHost {
  /** Where it stands: `/home/me/.ssh/known_hosts:3`. */
  readonly where: string;
  readonly marker: "revoked" | "cert-authority" | undefined;
  /** The first field: names and patterns with commas in between, or one hashed name. */
  readonly hosts: string;
  /** Key type: `ssh-ed25519`. */
  readonly type: string;
  /** The public key as base64, as OpenSSH writes it. */
  readonly key: string;
}

/** What the known hosts say of a key. */
export type Verdict =
  | { readonly kind: "known"; readonly entry: KnownHost }
  | { readonly kind: "revoked"; readonly entry: KnownHost }
  /** The host has other keys there. */
  | { readonly kind: "changed"; readonly entries: readonly KnownHost[] }
  | { readonly kind: "unknown"; readonly authority: KnownHost | undefined };

/** Names under which a host may be known. */
export interface HostNames {
  /** As OpenSSH writes it: `node1`, `[node1]:2222`, or the HostKeyAlias. */
  readonly name: string;
  /** Tried when there is nothing under the other: the same without its port. Only ever makes a key known, never refused. */
  readonly withoutPort?: string;
}

const line = /^(?:@(revoked|cert-authority)\s+)?(\S+)\s+([a-z][\w@.-]*)\s+([A-Za-z0-9+/]+=*)/;

export function parseKnownHosts(text: string, path: string): KnownHost[] {
  return text.split("\n").flatMap((each, index) => {
    const [, marker, hosts, type, key] = line.exec(each.trim()) ?? [];
    if (!hosts || !type || !key || hosts.startsWith("#") || hosts.startsWith("@")) return [];
    return [{ where: `${path}:${index + 1}`, marker: marker as KnownHost["marker"], hosts, type, key }];
  });
}

export function hostNames(hostname: string, port: number, alias: string | undefined): HostNames {
  if (alias !== undefined) return { name: alias };
  return port === 22 ? { name: hostname } : { name: `[${hostname}]:${port}`, withoutPort: hostname };
}

/** @param key the host's public key in ssh's binary form (RFC 4253, 6.6) */
export function judgeHostKey(entries: readonly KnownHost[], { name, withoutPort }: HostNames, key: Buffer): Verdict {
  const base64 = key.toString("base64");
  const under = (each: string) => entries.filter(({ hosts }) => matchesHost(hosts, each));
  const own = under(name);
  const withNoPort = withoutPort === undefined ? [] : under(withoutPort);
  const revoked = [...own, ...withNoPort].find((entry) => entry.marker === "revoked" && entry.key === base64);
  if (revoked) return { kind: "revoked", entry: revoked };
  const same = plain([...own, ...withNoPort]).find((entry) => entry.key === base64);
  // Under the name without a port only when there is nothing under the other, as OpenSSH does.
  if (same && (own.includes(same) || plain(own).length === 0)) return { kind: "known", entry: same };
  const others = plain(own);
  if (others.length > 0) return { kind: "changed", entries: others };
  return { kind: "unknown", authority: own.find(({ marker }) => marker === "cert-authority") };
}

/** Types of the keys that are known for a host, most certain first. */
export function knownKeyTypes(entries: readonly KnownHost[], { name, withoutPort }: HostNames): string[] {
  const under = (each: string) => plain(entries.filter(({ hosts }) => matchesHost(hosts, each)));
  const own = under(name);
  const known = own.length === 0 && withoutPort !== undefined ? under(withoutPort) : own;
  return [...new Set(known.map(({ type }) => type))];
}

/** Whether the first field of an entry means this host. */
export function matchesHost(hosts: string, name: string): boolean {
  const lower = name.toLowerCase();
  if (hosts.startsWith("|")) return matchesHash(hosts, lower);
  const matching = hosts
    .toLowerCase()
    .split(",")
    .filter((pattern) => matchesPattern(pattern.replace(/^!/, ""), lower));
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith("!"));
}

/** `SHA256:…`, as ssh-keygen -l shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that stands at the beginning of a public key. */
export function keyTypeOf(key: Buffer): string {
  return key.toString("latin1", 4, 4 + key.readUInt32BE(0));
}

/** As people call it: `ED25519`. */
export function shortType(type: string): string {
  return (
    /^(?:sk-)?(?:ssh|ecdsa)-(?:sha2-)?(ed25519|rsa|dss)/.exec(type)?.[1] ??
    (/^(?:sk-)?(ecdsa)/.exec(type)?.[1] || type)
  ).toUpperCase();
}

function plain(entries: readonly KnownHost[]): KnownHost[] {
  return entries.filter(({ marker }) => marker === undefined);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt. */
function matchesHash(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split("|");
  if (version !== "1" || !salt || !hash) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

function matchesPattern(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(name);
}
