/** The connections between hosts, over sockets of this machine and over TCP with CURVE; who dials whom is played by the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeerLinks, type PeerSurroundings } from "../../src/host/peers/peer-links.ts";
import { makeCurveKeys } from "../../src/transport/zap.ts";
import { nothingIsLeft } from "../support/nothing-left.ts";

type Told = Parameters<PeerSurroundings["tell"]>[0];

/** A host's links, and all that they say. */
class PlayedHost {
  readonly links: PeerLinks;
  readonly received: [number, string][] = [];
  readonly forwarded: [number, string][] = [];
  readonly told: Told[] = [];
  #heard: (() => void)[] = [];

  constructor(settings: ConstructorParameters<typeof PeerLinks>[0], dialMs?: number) {
    const text = (frames: readonly Uint8Array[]) => Buffer.from(frames[0]!).toString();
    const note = <T>(list: T[], item: T) => {
      list.push(item);
      for (const wake of this.#heard.splice(0)) wake();
    };
    const around: PeerSurroundings = {
      tell: (head) => note(this.told, head),
      received: (from, frames) => note(this.received, [from, text(frames)]),
      forward: (to, frames) => note(this.forwarded, [to, text(frames)]),
      ways: () => ({ bound: ["127.0.0.1"], seenAs: ["127.0.0.1"] }),
      warn: () => {},
    };
    this.links = new PeerLinks(settings, around, dialMs);
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  async open(): Promise<string[]> {
    this.links.open();
    return (await this.until(() => this.told.find((head) => head.kind === "Door"))).endpoints as string[];
  }

  say(to: number, words: string): void {
    this.links.send(to, [Buffer.from(words)]);
  }
}

let hosts: PlayedHost[] = [];
let silent: Server | undefined;
const taken: Socket[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
});
afterEach(async () => {
  await Promise.all(hosts.map(({ links }) => links.close()));
  hosts = [];
  for (const socket of taken.splice(0)) socket.destroy();
  silent?.close();
  silent = undefined;
  rmSync(folder, { recursive: true });
});
nothingIsLeft();

const keys = [0, 1, 2].map(makeCurveKeys);
const places = {
  "sockets of this machine": (index: number) => ({ index, folder }),
  "TCP with CURVE": (index: number) => ({
    index,
    network: { ports: { from: 0, to: 0 }, tunnelled: false },
    keys: { own: keys[index]!, all: keys.map(({ publicKey }) => publicKey) },
  }),
};

function play(place: keyof typeof places, ...indices: number[]): PlayedHost[] {
  const played = indices.map((index) => new PlayedHost(places[place](index), 60_000));
  hosts.push(...played);
  return played;
}

describe.each(Object.keys(places) as (keyof typeof places)[])("over %s", (place) => {
  test.each(["before", "after"])(
    "both sides talk over one connection; it is expected %s the greeting",
    async (when) => {
      const [one, two] = play(place, 1, 2) as [PlayedHost, PlayedHost];
      const endpoints = await one.open();
      one.say(2, "a");
      one.say(2, "b");
      expect(one.told.filter(({ kind }) => kind === "Seek")).toEqual([{ kind: "Seek", to: 2 }]);
      if (when === "before") one.links.expect({ kind: "Expect", host: 2, ticket: "secret" });
      const dialled = two.links.dial({ kind: "Dial", host: 1, ticket: "secret", endpoints });
      two.say(1, "c");
      if (when === "after") one.links.expect({ kind: "Expect", host: 2, ticket: "secret" });
      await dialled;
      await two.until(() => two.received[1]);
      await one.until(() => one.received[0]);
      expect(two.received).toEqual([
        [1, "a"],
        [1, "b"],
      ]);
      expect(one.received).toEqual([[2, "c"]]);
      expect(two.links.isRelayed(1)).toBe(false);
    },
  );

  test("a connection that breaks is told, and a host that is gone is forgotten", async () => {
    const [one, two] = play(place, 1, 2) as [PlayedHost, PlayedHost];
    const endpoints = await one.open();
    one.links.expect({ kind: "Expect", host: 2, ticket: "t" });
    await two.links.dial({ kind: "Dial", host: 1, ticket: "t", endpoints });
    await one.links.close();
    expect(await two.until(() => two.told.find(({ kind }) => kind === "Broken"))).toEqual({ kind: "Broken", to: 1 });
    two.links.gone(1);
    two.say(1, "again");
    expect(two.told.at(-1)).toEqual({ kind: "Seek", to: 1 });
  });
});

test("what waits for a host that can't be reached goes by way of rank 0, in its order", async () => {
  const [one] = play("TCP with CURVE", 1) as [PlayedHost];
  one.say(2, "a");
  one.say(2, "b");
  await one.links.dial({ kind: "Dial", host: 2, ticket: "t", endpoints: ["tcp://127.0.0.1:1"] });
  expect(one.told.at(-1)).toMatchObject({ kind: "Unreachable", to: 2 });
  one.links.relay(2);
  one.say(2, "c");
  expect(one.forwarded).toEqual([
    [2, "a"],
    [2, "b"],
    [2, "c"],
  ]);
  expect(one.links.isRelayed(2)).toBe(true);
});

test("a host with other keys is not let in, and says that it got no answer", async () => {
  const [one] = play("TCP with CURVE", 1) as [PlayedHost];
  const stranger = new PlayedHost(
    { index: 2, keys: { own: makeCurveKeys(), all: keys.map(({ publicKey }) => publicKey) } },
    300,
  );
  hosts.push(stranger);
  const endpoints = await one.open();
  one.links.expect({ kind: "Expect", host: 2, ticket: "t" });
  await stranger.links.dial({ kind: "Dial", host: 1, ticket: "t", endpoints });
  expect(stranger.told.at(-1)).toMatchObject({ kind: "Unreachable", to: 1 });
  expect(one.received).toEqual([]);
});

test("one that takes the connection and says nothing is given up", async () => {
  silent = createServer((socket) => taken.push(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent!.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const one = new PlayedHost(places["TCP with CURVE"](1), 300);
  hosts.push(one);
  await one.links.dial({ kind: "Dial", host: 2, ticket: "t", endpoints: [`tcp://127.0.0.1:${port}`] });
  expect(one.told.at(-1)).toMatchObject({ kind: "Unreachable", to: 2 });
});

test("without the ticket nothing is taken, nor answered", async () => {
  const [one, two] = play("sockets of this machine", 1, 2) as [PlayedHost, PlayedHost];
  const endpoints = await one.open();
  one.links.expect({ kind: "Expect", host: 2, ticket: "right" });
  void two.links.dial({ kind: "Dial", host: 1, ticket: "wrong", endpoints });
  const three = new PlayedHost({ index: 2, folder }, 60_000);
  hosts.push(three);
  await three.links.dial({ kind: "Dial", host: 1, ticket: "right", endpoints });
  three.say(1, "known");
  expect(await one.until(() => one.received[0])).toEqual([2, "known"]);
  expect(two.received).toEqual([]);
});
