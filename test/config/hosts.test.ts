/** Hosts as text: ranges, addresses, hostfiles. */
import fc from "fast-check";
import { toHostSpecs } from "../../src/config/host-spec.ts";
import { expandRanges, parseHostText } from "../../src/config/host-text.ts";
import { parseHostfile } from "../../src/config/hostfile.ts";
import { nearest } from "../../src/config/problems.ts";

describe("ranges of hosts", () => {
  test("a range is its numbers in order, each as wide as the first one is written", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(60), fc.integer({ min: 1, max: 6 }), (first, more, width) => {
        const from = String(first).padStart(width, "0");
        const names = expandRanges(`n[${from}-${first + more}].lan`);
        expect(names).toHaveLength(more + 1);
        for (const [index, name] of names.entries()) {
          const digits = /^n(\d+)\.lan$/.exec(name)![1]!;
          expect(Number(digits)).toBe(first + index);
          expect(digits).toHaveLength(Math.max(from.length, String(first + index).length));
        }
      }),
    );
  });

  test("a list of items is the items one after the other", () => {
    const item = fc
      .tuple(fc.nat(99), fc.nat(9))
      .map(([from, more]) => (more === 0 ? `${from}` : `${from}-${from + more}`));
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), (items) => {
        expect(expandRanges(`n[${items.join(",")}]`)).toEqual(items.flatMap((one) => expandRanges(`n[${one}]`)));
      }),
    );
  });

  test("several ranges give every combination, the last counting fastest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (racks, nodes) => {
        const names = expandRanges(`r[1-${racks}]n[1-${nodes}]`);
        expect(names).toEqual(
          Array.from({ length: racks * nodes }, (_, i) => `r${Math.floor(i / nodes) + 1}n${(i % nodes) + 1}`),
        );
      }),
    );
  });

  test("zeros are kept, and what has no brackets stands for itself", () => {
    expect(expandRanges("n[08-11,20]")).toEqual(["n08", "n09", "n10", "n11", "n20"]);
    expect(expandRanges("node1.cluster.local")).toEqual(["node1.cluster.local"]);
  });
});

describe("the nearest known word", () => {
  const known = ["port", "hosts", "perNodeCores", "sshUser"];
  test.each([
    ["prot", "port"],
    ["host", "hosts"],
    ["PORT", "port"],
    ["per_node_cores", "perNodeCores"],
    ["perNodCore", "perNodeCores"],
    ["sshusr", "sshUser"],
    ["colour", undefined],
    ["pt", undefined],
  ])("of %p is %p", (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
});

describe("the text of a host", () => {
  test.each([
    ["node1", { addresses: ["node1"] }],
    ["me@node1:2222", { user: "me", addresses: ["node1"], number: 2222 }],
    ["10.0.0.7:22", { addresses: ["10.0.0.7"], number: 22 }],
    ["::1", { addresses: ["::1"] }],
    ["me@fe80::1%eth0", { user: "me", addresses: ["fe80::1%eth0"] }],
    ["[fe80::1]:22", { addresses: ["fe80::1"], number: 22 }],
    ["me@[fe80::1]", { user: "me", addresses: ["fe80::1"] }],
    ["me@pi[1-2]:2222", { user: "me", addresses: ["pi1", "pi2"], number: 2222 }],
  ])("%s", (text, expected) => {
    expect(parseHostText(text)).toEqual(expected);
  });

  test.each([
    ["", 1, "the host is missing"],
    ["me@", 4, "the host is missing"],
    ["-oProxyCommand=x", 1, '"-oProxyCommand=x" is neither a host name nor an address'],
    ["two words", 1, '"two words" is neither a host name nor an address'],
    ["-x@node1", 1, '"-x" is no user name'],
    ["node1:", 7, 'after the colon comes a number of 1 or more, not ""'],
    ["node1:0", 7, 'after the colon comes a number of 1 or more, not "0"'],
    ["node1:22:23", 7, 'after the colon comes a number of 1 or more, not "22:23"'],
    ["[fe80::zz]:22", 2, '"fe80::zz" is no IPv6 address'],
    ["[fe80::1]22", 10, 'after "]" comes a colon and a number, not "22"'],
    ["pi[4-1]", 4, "the range 4-1 runs backwards"],
    ["pi[1-4,x]", 8, 'a range is written like 1-4 or 01-12,20, not "x"'],
    ["pi[]", 4, 'a range is written like 1-4 or 01-12,20, not ""'],
    ["pi[1-4", 3, '"[" has no partner'],
    ["me@pi1-4]", 9, '"]" has no partner'],
    ["n[0-10000]", 3, "it stands for 10001 hosts, more than 10000"],
    ["a".repeat(256), 1, "a host name has at most 255 characters, and this one 256"],
    ["r[1-200]n[1-200]", 1, "it stands for 40000 hosts, more than 10000"],
  ])("%p is refused at column %d", (text, column, message) => {
    expect(() => parseHostText(text)).toThrow(expect.objectContaining({ message, column }));
  });
});

describe("hostfiles", () => {
  test("both spellings, ranges, comments and line ends", () => {
    const text =
      "\uFEFF# our cluster\r\nnode1 slots=8 max_slots=8 # big\n\n  me@node2:4\nn[01-02] max-slots=2\n[fe80::1]:3\n";
    expect(parseHostfile(text, "hosts.txt")).toEqual([
      { where: "hosts.txt:2:1", addresses: ["node1"], slots: 8, maxSlots: 8 },
      { where: "hosts.txt:4:3", addresses: ["node2"], user: "me", slots: 4 },
      { where: "hosts.txt:5:1", addresses: ["n01", "n02"], maxSlots: 2 },
      { where: "hosts.txt:6:1", addresses: ["fe80::1"], slots: 3 },
    ]);
  });

  test("a byte order mark is no part of the first host", () => {
    expect(parseHostfile("\uFEFFnode1:2", "h")).toEqual([{ where: "h:1:2", addresses: ["node1"], slots: 2 }]);
  });

  test("every mistake is told, each with its line and column", () => {
    const text =
      "node1 slot=8\nnode2 slots=0\n\nok slots=2\nnode3:4 slots=4\n  pi[2-1]\nnode4 port=22\nnode5 slots\nnode6:x";
    const mistakes = [
      'h:1:7 unrecognized word "slot"; did you mean "slots=…"?',
      'h:2:13 slots must be a whole number of 1 or more, got "0"',
      "h:5:9 slots is given twice",
      "h:6:6 the range 2-1 runs backwards",
      'h:7:7 unrecognized word "port"; after the host come slots=… and max_slots=…',
      'h:8:13 slots must be a whole number of 1 or more, got ""',
      'h:9:7 after the colon comes a number of 1 or more, not "x"',
    ];
    expect(() => parseHostfile(text, "h")).toThrow(
      expect.objectContaining({ code: "MPITS_USAGE", message: mistakes.join("\n") }),
    );
  });
});

describe("host entries become host specs", () => {
  const defaults = { slots: 4, launcher: "auto" } as const;
  const entry = (address: string, more = {}) => ({ addresses: [address], where: "hosts.0", ...more });
  const specs = (...entries: ReturnType<typeof entry>[]) => toHostSpecs(entries, defaults).hosts;

  test("this machine is started locally, others by ssh, and what needs ssh by ssh", () => {
    const launchers = [
      entry("localhost"),
      entry("127.0.0.1"),
      entry("::1"),
      entry("127.0.0.2"),
      entry("node1"),
      entry("localhost", { port: 2222, name: "a" }),
      entry("localhost", { user: "me", name: "b" }),
      entry("node1", { launcher: "local", name: "c" }),
      entry("localhost", { launcher: "ssh", name: "d" }),
    ];
    expect(specs(...launchers).map((spec) => spec.launcher)).toEqual([
      "local",
      "local",
      "local",
      "ssh",
      "ssh",
      "ssh",
      "ssh",
      "local",
      "ssh",
    ]);
  });

  test("slots are the host's own, else the default, and never above its most", () => {
    const slots = specs(
      entry("a"),
      entry("b", { slots: 9 }),
      entry("c", { maxSlots: 2 }),
      entry("d", { slots: 3, maxSlots: 8 }),
    );
    expect(slots.map((spec) => spec.slots)).toEqual([4, 9, 2, 3]);
  });

  test("this machine may stand there several times, under names of its own", () => {
    const hosts = specs(entry("localhost"), entry("node1"), entry("localhost"), entry("127.0.0.1"), entry("localhost"));
    expect(hosts.map((spec) => spec.name)).toEqual(["localhost", "node1", "localhost#2", "127.0.0.1", "localhost#3"]);
    expect(hosts.map((spec) => spec.address)).toEqual(["localhost", "node1", "localhost", "127.0.0.1", "localhost"]);
  });

  test("another host may not, whatever its port", () => {
    const entries = [
      entry("n1"),
      { ...entry("n1", { port: 23 }), where: "hosts.5" },
      { addresses: ["n2", "n2"], where: "hosts.6" },
    ];
    expect(toHostSpecs(entries, defaults).problems).toEqual([
      'host "n1" is listed at hosts.0 and again at hosts.5; list it once with more slots, or give each a name of its own, such as { name: "n1-b", host: "n1" }.',
      'host "n2" is listed twice at hosts.6; list it once with more slots, or give each a name of its own, such as { name: "n2-b", host: "n2" }.',
    ]);
  });
});
