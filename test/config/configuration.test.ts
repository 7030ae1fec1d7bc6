/** The configuration as a whole: defaults, hosts and their sources, and every refusal with its complete text. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { threadsPerRank } from "../../src/config/configuration.ts";
import { parseConfiguration, type Surroundings } from "../../src/config/parse-configuration.ts";
import { configurationKeys } from "../../src/config/schema.ts";

const files = new Map<string, string>();
const machine: Surroundings = {
  cores: 6,
  hostname: "desk",
  home: "/home/me",
  readText: (path) => {
    const text = files.get(path);
    if (text === undefined) throw new Error("ENOENT: no such file or directory");
    return text;
  },
};
const parse = (input: unknown) => parseConfiguration(input, machine);
const refusalOf = (input: unknown): unknown => {
  try {
    return parse(input);
  } catch (error) {
    expect(error).toMatchObject({ code: "MPITS_USAGE" });
    return (error as Error).message;
  }
};

beforeEach(() => files.clear());

describe("what is not said", () => {
  test("has its default, and there are no hosts", () => {
    expect(parse(undefined)).toEqual({
      masterNode: "desk",
      perNodeCores: 6,
      perNodeThreads: 6,
      numWorkerNodes: 0,
      hosts: [],
      hostfile: undefined,
      clusterFile: undefined,
      inspect: false,
      timeJob: false,
      progressToTerminal: false,
      sshUser: undefined,
      sshPort: 22,
      sshIdentityFile: undefined,
      nodeExecutable: "node",
      workingDir: undefined,
      connectTimeoutS: 10,
      launcher: "auto",
      cancelGraceMs: 5000,
      logLevel: "warn",
      bind: undefined,
      port: undefined,
      tunnel: false,
      insecure: false,
      acceptNewHostKeys: false,
      sync: false,
      hostSilenceMs: 5000,
      leaseMs: 10_000,
      rankPrefix: true,
      rankMemoryMb: undefined,
      nice: 0,
      cancelOnInterrupt: true,
      detectDeadlocks: true,
      env: {},
    });
    expect(Object.keys(parse({})).sort()).toEqual([...configurationKeys].sort());
    expect(parse({ perNodeCores: undefined })).toEqual(parse({}));
  });

  test("about this machine is asked of it", () => {
    expect(parseConfiguration().perNodeCores).toBeGreaterThanOrEqual(1);
    expect(parseConfiguration().masterNode).not.toBe("");
  });
});

describe("what is said", () => {
  test("is kept, normalised and frozen, and the input stays as it was", () => {
    const input = {
      port: "7000-7099",
      sync: ["src"],
      env: { A: "1" },
      hosts: [{ host: "n1", env: { B: "2" } }],
      sshIdentityFile: "~/.ssh/id",
    };
    const before = structuredClone(input);
    const configuration = parse(input);
    expect(configuration).toMatchObject({
      port: { from: 7000, to: 7099 },
      sync: ["src"],
      env: { A: "1" },
      sshIdentityFile: "/home/me/.ssh/id",
    });
    expect(parse({ port: 7000 }).port).toEqual({ from: 7000, to: 7000 });
    for (const part of [
      configuration,
      configuration.port,
      configuration.sync,
      configuration.env,
      configuration.hosts,
      configuration.hosts[0],
      configuration.hosts[0]!.env,
    ])
      expect(Object.isFrozen(part)).toBe(true);
    expect(input).toEqual(before);
    expect(Object.isFrozen(input.env) || Object.isFrozen(input.sync) || Object.isFrozen(input.hosts[0])).toBe(false);
  });

  test("of threads is shared out among the ranks of a host", () => {
    expect(parse({ perNodeCores: 2 }).perNodeThreads).toBe(2);
    expect([threadsPerRank(8, 2), threadsPerRank(8, 3), threadsPerRank(2, 4)]).toEqual([4, 2, 1]);
  });
});

describe("hosts", () => {
  test("as text and as objects, with what holds for all of them", () => {
    const { hosts, numWorkerNodes } = parse({
      perNodeCores: 4,
      sshUser: "pi",
      sshIdentityFile: "~/.ssh/pi",
      workingDir: "/srv/job",
      env: { A: "1", B: "1" },
      hosts: [
        "localhost",
        "me@n[01-02]:2222",
        {
          name: "big",
          host: "10.0.0.9",
          slots: 16,
          nodeExecutable: "/opt/node",
          jump: "me@gateway:22",
          env: { B: "2" },
        },
        { name: "n3", launcher: "local" },
        "[fe80::1]:22",
      ],
    });
    const everywhere = { workingDir: "/srv/job", env: { A: "1", B: "1" } };
    const ssh = { ...everywhere, launcher: "ssh", identityFile: "/home/me/.ssh/pi" };
    expect(hosts).toEqual([
      { name: "localhost", address: "localhost", slots: 4, launcher: "local", ...everywhere },
      { name: "n01", address: "n01", slots: 4, user: "me", port: 2222, ...ssh },
      { name: "n02", address: "n02", slots: 4, user: "me", port: 2222, ...ssh },
      {
        name: "big",
        address: "10.0.0.9",
        slots: 16,
        user: "pi",
        nodeExecutable: "/opt/node",
        jump: "me@gateway:22",
        ...ssh,
        env: { A: "1", B: "2" },
      },
      { name: "n3", address: "n3", slots: 4, launcher: "local", ...everywhere },
      { name: "fe80::1", address: "fe80::1", slots: 4, user: "pi", port: 22, ...ssh },
    ]);
    expect(numWorkerNodes).toBe(6);
  });

  test("that nobody gave a port have none, so that ssh's own configuration may name it", () => {
    expect(parse({ hosts: ["n1"] }).hosts[0]).toEqual({ name: "n1", address: "n1", slots: 6, launcher: "ssh" });
    expect(parse({ hosts: ["n1", "n2:23"], sshPort: 2200 }).hosts.map((host) => host.port)).toEqual([2200, 23]);
  });

  test("beyond numWorkerNodes are left out", () => {
    const input = { hosts: ["n[1-4]"] };
    expect(parse({ ...input, numWorkerNodes: 2 }).hosts.map((host) => host.name)).toEqual(["n1", "n2"]);
    expect(parse({ ...input, numWorkerNodes: 0 }).hosts).toEqual([]);
    expect(parse({ ...input, numWorkerNodes: 4 }).numWorkerNodes).toBe(4);
  });

  test("come from a hostfile", () => {
    files.set("/home/me/hosts.txt", "localhost slots=2\nn[1-2]:3\n");
    const { hosts, hostfile } = parse({ hostfile: "~/hosts.txt" });
    expect(hosts.map(({ name, slots }) => [name, slots])).toEqual([
      ["localhost", 2],
      ["n1", 3],
      ["n2", 3],
    ]);
    expect(hostfile).toBe("/home/me/hosts.txt");
    files.set("bad", "n1 slots=x");
    expect(refusalOf({ hostfile: "bad" })).toBe('bad:1:10 slots must be a whole number of 1 or more, got "x"');
    files.set("twice", "n1\n\nn1:2");
    expect(refusalOf({ hostfile: "twice" })).toMatch(/^host "n1" is listed at twice:1:1 and again at twice:3:1;/);
  });

  test("come from a cluster file, whose defaults each host may overrule", () => {
    files.set(
      "mpits.yaml",
      `# the lab
defaults:
  user: pi
  slots: 4
  node: /opt/node
  nice: 4
  env: { A: "1", B: "1" }
hosts:
  - pi[1-2]
  - me@old
  - { name: big, host: 10.0.0.9, port: 2222, slots: 16, node: node22, jump: "a,b@c:22", identityFile: ~/.ssh/big,
      workingDir: /srv, nice: 0, env: { B: "2" } }
`,
    );
    const pi = { slots: 4, user: "pi", nodeExecutable: "/opt/node", nice: 4, env: { A: "1", B: "1" }, launcher: "ssh" };
    expect(parse({ clusterFile: "mpits.yaml", perNodeCores: 1 }).hosts).toEqual([
      { name: "pi1", address: "pi1", ...pi },
      { name: "pi2", address: "pi2", ...pi },
      { name: "old", address: "old", ...pi, user: "me" },
      {
        ...pi,
        name: "big",
        address: "10.0.0.9",
        port: 2222,
        slots: 16,
        nodeExecutable: "node22",
        jump: "a,b@c:22",
        identityFile: "/home/me/.ssh/big",
        workingDir: "/srv",
        nice: 0,
        env: { A: "1", B: "2" },
      },
    ]);
  });
});

describe("a refusal names the option, what was expected and what came", () => {
  const whole = "must be a whole number of 1 or more";
  const host = 'must be a host such as "node1", "me@node1:2222", "pi[1-4]" or "[fe80::1]:22"';
  const port = '"port" must be a port number from 1 to 65535, or a range such as "7000-7099"';
  test.each([
    [{ perNodeCores: "4" }, `"perNodeCores" ${whole}, got "4" (string).`],
    [{ perNodeCores: 0 }, `"perNodeCores" ${whole}, got 0.`],
    [{ perNodeCores: 1.5 }, `"perNodeCores" ${whole}, got 1.5.`],
    [{ perNodeCores: 1e8 }, '"perNodeCores": 100000000 ranks are more than one host can have, 4096.'],
    [
      { hosts: [{ host: "n[1-2]", slots: 4097 }] },
      'host "n1": 4097 ranks are more than one host can have, 4096.\nhost "n2": 4097 ranks are more than one host can have, 4096.',
    ],
    [{ perNodeCores: null }, `"perNodeCores" ${whole}, got null.`],
    [{ perNodeCores: Number.NaN }, `"perNodeCores" ${whole}, got NaN.`],
    [{ perNodeThreads: 4n }, `"perNodeThreads" ${whole}, got 4n (bigint).`],
    [{ numWorkerNodes: -1 }, '"numWorkerNodes" must be a whole number of 0 or more, got -1.'],
    [
      { numWorkerNodes: 3, hosts: ["n[1-2]"] },
      '"numWorkerNodes" must be at most 2, the number of hosts that are named, got 3.',
    ],
    [{ numWorkerNodes: 1 }, '"numWorkerNodes" must be at most 0, the number of hosts that are named, got 1.'],
    [{ timeJob: "yes" }, '"timeJob" must be true or false, got "yes" (string).'],
    [{ sshPort: 65_536 }, '"sshPort" must be a whole number from 1 to 65535, got 65536.'],
    [{ sshUser: "-l" }, '"sshUser" must be a user name, got "-l" (string).'],
    [{ masterNode: "" }, '"masterNode" must be a host name, got "" (string).'],
    [
      { masterNode: "a".repeat(256) },
      `"masterNode" must be a host name of at most 255 characters, got "${"a".repeat(57)}..." (string).`,
    ],
    [{ workingDir: "a\nb" }, '"workingDir" must be a path, got "a\\nb" (string).'],
    [{ connectTimeoutS: 0 }, '"connectTimeoutS" must be a number of seconds, above 0 and at most 2147483, got 0.'],
    [
      { leaseMs: Infinity },
      '"leaseMs" must be a number of milliseconds, above 0 and at most 2147483647, got Infinity.',
    ],
    [
      { cancelGraceMs: -1 },
      '"cancelGraceMs" must be a number of milliseconds, 0 or more and at most 2147483647, got -1.',
    ],
    [{ nice: 20 }, '"nice" must be a whole number from 0 to 19, got 20.'],
    [{ nice: -1 }, '"nice" must be a whole number from 0 to 19, got -1.'],
    [{ launcher: "rsh" }, '"launcher" must be one of "auto", "local", "ssh", got "rsh" (string).'],
    [
      { logLevel: "loud" },
      '"logLevel" must be one of "trace", "debug", "info", "warn", "error", "fatal", "silent", got "loud" (string).',
    ],
    [{ port: 0 }, `${port}, got 0.`],
    [{ port: "7099-7000" }, `${port}, got "7099-7000" (string).`],
    [{ port: "1-70000" }, `${port}, got "1-70000" (string).`],
    [{ port: [7000] }, `${port}, got an array of 1.`],
    [{ sync: "src" }, '"sync" must be true, false or a list of paths, got "src" (string).'],
    [{ sync: ["src", 7] }, '"sync.1" must be a path, got 7.'],
    [{ env: { A: 1 } }, '"env.A" must be a text; put numbers in quotes, got 1.'],
    [{ env: { "1A": "x" } }, '"env.1A": no name of an environment variable (letters, digits and _)'],
    [{ hosts: "node1" }, '"hosts" must be an array of hosts, got "node1" (string).'],
    [
      { hosts: ["ok", 7] },
      '"hosts.1" must be a host: a text such as "node1", or an object such as { host: "node1", slots: 4 }, got 7.',
    ],
    [{ hosts: ["pi[4-1]"] }, `"hosts.0" ${host}, got "pi[4-1]" (string): the range 4-1 runs backwards.`],
    [{ hosts: ["n1:70000"] }, `"hosts.0" ${host}, got "n1:70000" (string): a port is at most 65535.`],
    [{ hosts: ["n1", { host: "n2", slots: "4" }] }, `"hosts.1.slots" ${whole}, got "4" (string).`],
    [{ hosts: [{ host: "n2", slotz: 4 }] }, '"hosts.0.slotz": unrecognized key; did you mean "slots"?'],
    [
      { hosts: [{ host: "n2", colour: 4 }] },
      '"hosts.0.colour": unrecognized key; known here: name, host, user, port, slots, identityFile, workingDir, jump, env, nice, launcher, nodeExecutable',
    ],
    [{ hosts: [{ slots: 4 }] }, '"hosts.0" must be a host with a "host" or a "name", got an object with slots.'],
    [
      { hosts: [{ host: "me@n1" }] },
      '"hosts.0.host" must be a host name, an address or a range such as "pi[1-4]", got "me@n1" (string): "user" and "port" are keys of their own.',
    ],
    [
      { hosts: [{ host: "n[1-2]", name: "n" }] },
      '"hosts.0.name" must be a "name" for one host, got "n" (string): a range of hosts needs none.',
    ],
    [
      { hosts: [{ host: "n1", jump: "-x" }] },
      '"hosts.0.jump" must be a host to go through, such as "me@gateway:22", got "-x" (string).',
    ],
    [
      { hosts: ["n1", "n1"] },
      'host "n1" is listed at hosts.0 and again at hosts.1; list it once with more slots, or give each a name of its own, such as { name: "n1-b", host: "n1" }.',
    ],
    [{ perNodeCore: 4 }, '"perNodeCore": unrecognized key; did you mean "perNodeCores"?'],
    [{ per_node_cores: 4 }, '"per_node_cores": unrecognized key; did you mean "perNodeCores"?'],
    [{ qwertz: 4 }, '"qwertz": unrecognized key'],
    [7, '"configuration" must be an object of options, got 7.'],
    [null, '"configuration" must be an object of options, got null.'],
    [{ hosts: [], hostfile: "a" }, '"hosts" and "hostfile" both name the hosts; give only one of them.'],
    [
      { hosts: [], hostfile: "a", clusterFile: "b" },
      '"hosts", "hostfile" and "clusterFile" all name the hosts; give only one of them.',
    ],
    [
      { hostfile: "none.txt" },
      '"hostfile" must be a file that can be read, got "none.txt" (string): ENOENT: no such file or directory.',
    ],
    [
      { clusterFile: "none.yaml" },
      '"clusterFile" must be a file that can be read, got "none.yaml" (string): ENOENT: no such file or directory.',
    ],
  ])("%p", (input, message) => {
    expect(refusalOf(input)).toBe(message);
  });

  test("and one error lists them all", () => {
    expect(
      refusalOf({
        perNodeCores: 0,
        sshPort: "x",
        hosts: ["n[2-1]", { host: "a", slots: 0, prot: 22 }],
        hostfile: "a",
        tunel: true,
      }),
    ).toBe(
      [
        `"perNodeCores" ${whole}, got 0.`,
        `"hosts.0" ${host}, got "n[2-1]" (string): the range 2-1 runs backwards.`,
        `"hosts.1.slots" ${whole}, got 0.`,
        '"hosts.1.prot": unrecognized key; did you mean "port"?',
        '"sshPort" must be a whole number from 1 to 65535, got "x" (string).',
        '"tunel": unrecognized key; did you mean "tunnel"?',
        '"hosts" and "hostfile" both name the hosts; give only one of them.',
      ].join("\n"),
    );
  });
});

describe("a mistake in the cluster file is shown with its line and column", () => {
  test.each([
    ["hosts:\n  - a\n  - host: b\n    slotz: 4\n", 'c.yaml:4:5 hosts.1.slotz: unrecognized key; did you mean "slots"?'],
    [
      "hosts:\n  - { host: b, slots: many }\n",
      'c.yaml:2:23 hosts.0.slots: must be a whole number of 1 or more, got "many" (string)',
    ],
    [
      "hosts:\n  - pi[1-4\n",
      'c.yaml:2:5 hosts.0: must be a host such as "node1", "me@node1:2222", "pi[1-4]" or "[fe80::1]:22", got "pi[1-4" (string): "[" has no partner',
    ],
    [
      "hosts:\n  - 12\n",
      "c.yaml:2:5 hosts.0: must be a host: a text such as node1, or keys such as host: node1 and slots: 4, got 12",
    ],
    ["hosts: node1\n", 'c.yaml:1:8 hosts: must be a list of hosts, got "node1" (string)'],
    [
      "defaults:\n  slots: 2\n  name: x\nhosts: []\n",
      "c.yaml:3:3 defaults.name: unrecognized key; known here: user, port, slots, identityFile, workingDir, jump, env, nice, launcher, node",
    ],
    [
      "host: [a]\n",
      'c.yaml:1:1 hosts: must be a list of hosts, got undefined\nc.yaml:1:1 host: unrecognized key; did you mean "hosts"?',
    ],
    [
      "hosts:\n  - { host: a, env: { X: 1 } }\n",
      "c.yaml:2:26 hosts.0.env.X: must be a text; put numbers in quotes, got 1",
    ],
    [
      "hosts:\n  - { host: a, nodeExecutable: x }\n",
      "c.yaml:2:16 hosts.0.nodeExecutable: unrecognized key; known here: name, host, user, port, slots, identityFile, workingDir, jump, env, nice, launcher, node",
    ],
    ["", "c.yaml:1:1 the file must be keys: hosts, and perhaps defaults, got null"],
    ["- a\n", "c.yaml:1:1 the file must be keys: hosts, and perhaps defaults, got an array of 1"],
    [
      "hosts:\n  - a\n   - b: : c\n",
      "c.yaml:2:5 Implicit keys need to be on a single line\nc.yaml:3:9 Nested mappings are not allowed in compact mappings",
    ],
    ["hosts: []\nhosts: [a]\n", "c.yaml:2:1 Map keys must be unique"],
    [
      "hosts:\n  - a\n  - b\n  - a\n",
      'host "a" is listed at c.yaml:2:5 and again at c.yaml:4:5; list it once with more slots, or give each a name of its own, such as { name: "a-b", host: "a" }.',
    ],
  ])("%p", (text, message) => {
    files.set("c.yaml", text);
    expect(refusalOf({ clusterFile: "c.yaml" })).toEqual(message);
  });
});

describe("docs/configuration.md", () => {
  const text = readFileSync(fileURLToPath(new URL("../../docs/configuration.md", import.meta.url)), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, key, rest]) => {
    const [type, unit, standard, meaning, example] = rest!.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { key: key!, type, unit, standard: standard!, meaning, example: example! };
  });

  test("has a row for every key of the schema, in full, and for no other", () => {
    expect(rows.map((row) => row.key).sort()).toEqual([...configurationKeys].sort());
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toBe("");
  });

  test.each(rows.filter((row) => row.standard.startsWith("`")).map((row) => [row.key, row.standard]))(
    "says the default of %s",
    (key, cell) => {
      expect(parse({})[key as keyof ReturnType<typeof parse>]).toEqual(JSON.parse(cell.slice(1, -1)));
    },
  );

  test.each(rows.map((row) => [row.key, row.example]))("has an example for %s that is accepted", (key, cell) => {
    files.set("hosts.txt", "node1 slots=4");
    files.set("mpits.yaml", "hosts: [node1]");
    const example = parseDocument(cell.slice(1, -1)).toJS() as Record<string, unknown>;
    expect(Object.keys(example)).toContain(key);
    expect(() => parse(example)).not.toThrow();
  });
});
