/** known_hosts: which entries mean a host, and what they say of its key. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import ssh2 from "ssh2";
import {
  fingerprint,
  hostNames,
  judgeHostKey,
  keyTypeOf,
  knownKeyTypes,
  matchesHost,
  parseKnownHosts,
  shortType,
} from "../../src/launch/ssh/known-hosts.ts";
import { newKey } from "./fixtures/new-key.ts";

const publicKey = (type: "ed25519" | "ecdsa"): string =>
  (type === "ed25519" ? newKey() : ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 })).public;
const blob = (text: string): Buffer => Buffer.from(text.split(" ")[1]!, "base64");
const mine = publicKey("ed25519");
const other = publicKey("ed25519");
const ecdsa = publicKey("ecdsa");
const hashed = (name: string, salt = Buffer.alloc(20, 7)): string =>
  `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
const judge = (text: string, key = mine, host = "node1", port = 22, alias?: string) =>
  judgeHostKey(parseKnownHosts(text, "known"), hostNames(host, port, alias), blob(key));

describe("which entries mean a host", () => {
  test.each([
    ["node1", "node1", true],
    ["NODE1", "node1", true],
    ["node1", "Node1", true],
    ["node1", "node11", false],
    ["node2,node1,10.0.0.1", "node1", true],
    ["node*", "node1", true],
    ["node?", "node1", true],
    ["node?", "node12", false],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "aXexample.com", false],
    ["*,!node1", "node1", false],
    ["*,!node1", "node2", true],
    ["!node1", "node2", false],
    ["[node1]:2222", "[node1]:2222", true],
    ["[node1]:2222", "node1", false],
    ["[node?]:*", "[node1]:2222", true],
    ["|1|a", "node1", false],
    ["|2|c2FsdA==|aGFzaA==", "node1", false],
  ])("%p for %p: %p", (hosts, name, means) => {
    expect(matchesHost(hosts, name)).toBe(means);
  });

  test("a hashed name means that host and no other", () => {
    const name = fc.stringMatching(/^[a-z0-9.-]{1,20}$/);
    fc.assert(
      fc.property(name, name, fc.uint8Array({ minLength: 20, maxLength: 20 }), (one, two, salt) => {
        const entry = hashed(one, Buffer.from(salt));
        return (
          matchesHost(entry, one) && matchesHost(entry, one.toUpperCase()) && matchesHost(entry, two) === (one === two)
        );
      }),
    );
  });

  test("an entry that ssh-keygen -H wrote", () => {
    const entry = "|1|UAHpfh8rRLTArXe+vH9cTnaACsU=|Ekf6vIBgvi3/HLwSQmilRdoqszo="; // for 192.168.1.61
    expect(matchesHost(entry, "192.168.1.61")).toBe(true);
    expect(matchesHost(entry, "192.168.1.62")).toBe(false);
  });
});

describe("what is said of a key", () => {
  test("a key that stands there is known, and where it stands is told", () => {
    expect(judge(`# mine\n\nnode1 ${mine}`)).toMatchObject({ kind: "known", entry: { where: "known:3" } });
    expect(judge(`${hashed("node1")} ${mine} a comment`)).toMatchObject({ kind: "known" });
    expect(judge(`node1 ${other}\nnode1 ${mine}`)).toMatchObject({ kind: "known", entry: { where: "known:2" } });
  });

  test("another key of the same host makes it changed, whatever its type", () => {
    expect(judge(`node1 ${other}`)).toMatchObject({ kind: "changed", entries: [{ where: "known:1" }] });
    expect(judge(`node1 ${ecdsa}`)).toMatchObject({ kind: "changed" });
    expect(judge(`* ${other}`)).toMatchObject({ kind: "changed" });
  });

  test("a host without entries is unknown", () => {
    expect(judge("")).toEqual({ kind: "unknown", authority: undefined });
    expect(judge(`node2 ${mine}`)).toMatchObject({ kind: "unknown" });
    expect(judge(`#node1 ${mine}`)).toMatchObject({ kind: "unknown" });
    expect(judge("node1 1024 35 1234567")).toMatchObject({ kind: "unknown" });
  });

  test("a revoked key is refused even where it is also known", () => {
    expect(judge(`node1 ${mine}\n@revoked * ${mine}`)).toMatchObject({ kind: "revoked", entry: { where: "known:2" } });
    expect(judge(`@revoked * ${other}\nnode1 ${mine}`)).toMatchObject({ kind: "known" });
    expect(judge(`@revoked node1 ${mine}`, mine, "node1", 2222)).toMatchObject({ kind: "revoked" });
  });

  test("a certificate authority does not make a key known", () => {
    expect(judge(`@cert-authority * ${mine}`)).toMatchObject({ kind: "unknown", authority: { where: "known:1" } });
  });

  test("a port belongs to the name; without an entry for it the plain name counts, but only in favour", () => {
    expect(judge(`[node1]:2222 ${mine}`, mine, "node1", 2222)).toMatchObject({ kind: "known" });
    expect(judge(`node1 ${mine}`, mine, "node1", 2222)).toMatchObject({ kind: "known" });
    expect(judge(`node1 ${other}`, mine, "node1", 2222)).toMatchObject({ kind: "unknown" });
    expect(judge(`node1 ${mine}\n[node1]:2222 ${other}`, mine, "node1", 2222)).toMatchObject({ kind: "changed" });
    expect(judge(`[node1]:2222 ${mine}`, mine, "node1", 22)).toMatchObject({ kind: "unknown" });
  });

  test("an alias is looked up as it is", () => {
    expect(judge(`[alias]:2222 ${mine}`, mine, "10.0.0.1", 2222, "[alias]:2222")).toMatchObject({ kind: "known" });
    expect(judge(`10.0.0.1 ${mine}`, mine, "10.0.0.1", 22, "alias")).toMatchObject({ kind: "unknown" });
  });
});

test("types that are known for a host come first; those of its revoked keys do not count", () => {
  const entries = parseKnownHosts(
    `node1 ${ecdsa}\nnode1 ${mine}\n@revoked node1 ssh-rsa AAAA\nnode2 ssh-rsa AAAA`,
    "known",
  );
  expect(knownKeyTypes(entries, hostNames("node1", 22, undefined))).toEqual(["ecdsa-sha2-nistp256", "ssh-ed25519"]);
  expect(knownKeyTypes(entries, hostNames("node1", 2222, undefined))).toEqual(["ecdsa-sha2-nistp256", "ssh-ed25519"]);
  expect(knownKeyTypes(entries, hostNames("node3", 22, undefined))).toEqual([]);
});

test("a key's type and fingerprint are shown as ssh-keygen shows them", () => {
  // The key and fingerprint that GitHub publishes.
  const key = blob("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
  expect(fingerprint(key)).toBe("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  expect(keyTypeOf(key)).toBe("ssh-ed25519");
  expect(["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "sk-ssh-ed25519@openssh.com"].map(shortType)).toEqual([
    "ED25519",
    "ECDSA",
    "RSA",
    "ED25519",
  ]);
});
