/** Two sides of a line whose connections the test plays: what is under way is lost with them, or comes late. */
import fc from "fast-check";
import { Ledger } from "../../src/transport/ledger.ts";
import { openParcel } from "../../src/transport/parcel.ts";
import { Patience, usualTickMs } from "../../src/transport/patience.ts";
import type { Frames } from "../../src/transport/transport.ts";

/** What is under way by one connection, each way. */
interface Connection {
  readonly toServer: Frames[];
  readonly toClient: Frames[];
}

class PlayedLine {
  readonly client = new Ledger();
  readonly server = new Ledger();
  readonly atClient: number[] = [];
  readonly atServer: number[] = [];
  readonly connections: Connection[] = [{ toServer: [], toClient: [] }];
  /** By which each side sends. */
  clients = 0;
  servers = 0;

  clientSends(words: number[]): void {
    this.connections[this.clients]!.toServer.push(...this.client.number(words.map(message)));
  }

  serverSends(words: number[]): void {
    this.connections[this.servers]!.toClient.push(...this.server.number(words.map(message)));
  }

  dial(): void {
    this.connections.push({ toServer: [this.client.resume()], toClient: [] });
  }

  /** One message arrives, by any of the connections. False when nothing was under way there. */
  arrive(nth: number): boolean {
    const { toServer, toClient } = this.connections[nth]!;
    const up = toServer.shift();
    if (up) this.#atServer(nth, up);
    const down = toClient.shift();
    if (down) this.#atClient(nth, down);
    return up !== undefined || down !== undefined;
  }

  #atServer(nth: number, frames: Frames): void {
    const taken = this.server.take(frames);
    if (typeof taken === "object") this.atServer.push(...openParcel(taken.parcel).map(numberIn));
    else if (taken === "resume" && nth > this.servers) {
      this.servers = nth;
      this.connections[nth]!.toClient.push(this.server.resume(), ...this.server.again());
    } else expect(taken).not.toBe("unreadable");
  }

  #atClient(nth: number, frames: Frames): void {
    const taken = this.client.take(frames);
    if (typeof taken === "object") this.atClient.push(...openParcel(taken.parcel).map(numberIn));
    else if (taken === "resume" && nth > this.clients) {
      this.clients = nth;
      this.connections[nth]!.toServer.push(...this.client.again());
    } else expect(taken).not.toBe("unreadable");
  }
}

/** Some are long enough for several messages of ZeroMQ's. */
function message(word: number): Frames {
  const long = Array.from({ length: word % 4 }, () => new Uint8Array(1 << 18));
  return [Buffer.from(String(word)), ...long];
}

function numberIn([first, ...rest]: Frames): number {
  const word = Number(Buffer.from(first!).toString());
  expect(rest.map(({ byteLength }) => byteLength)).toEqual(Array(word % 4).fill(1 << 18));
  return word;
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("client", "server"), count: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("arrive"), count: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("dial"), count: fc.constant(0) }) },
);

test("whatever becomes of the connections, each message arrives once, and in its order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new PlayedLine();
      const sent: Record<string, number[]> = { client: [], server: [] };
      for (const { do: what, count } of steps) {
        if (what === "dial") line.dial();
        else if (what === "arrive") line.arrive(count % line.connections.length);
        else {
          const words = Array.from({ length: count }, (_, i) => sent[what]!.length + i);
          sent[what]!.push(...words);
          if (what === "client") line.clientSends(words);
          else line.serverSends(words);
        }
      }
      // One last connection, by which all arrives; what the others still had is lost.
      line.dial();
      const last = line.connections.length - 1;
      while (line.arrive(last));
      expect([line.atServer, line.atClient]).toEqual([sent.client, sent.server]);
      line.client.take(line.server.note());
      line.server.take(line.client.note());
      expect([line.client.waits, line.server.waits]).toEqual([false, false]);
    }),
  );
});

test("what was not sent can't be acknowledged, what is missing is noticed, and what is no message is none", () => {
  const [one, other] = [new Ledger(), new Ledger()];
  const [first, second] = [1, 2].map((word) => one.number([message(4 * word)])[0]!);
  expect(other.take(second!)).toBe("unreadable");
  expect(other.take(first!)).toMatchObject({ parcel: expect.anything() });
  expect(other.take(first!)).toBe("nothing");
  expect(new Ledger().take(other.note())).toBe("unreadable");
  expect(other.take([])).toBe("unreadable");
  expect(other.take([Buffer.alloc(11)])).toBe("unreadable");
  const unknown = Buffer.from(other.note()[0]!);
  unknown.writeUInt32LE(9, 0);
  unknown.writeUInt32LE(2, 4);
  expect(other.take([unknown])).toBe("unreadable");
});

test("an answer is wanted of a message without content, and much that came is owed at once", () => {
  const [one, other] = [new Ledger(), new Ledger()];
  expect(other.take(one.number([])[0]!)).toBe("nothing");
  expect([one.waits, other.owes, other.owesMuch]).toEqual([true, true, false]);
  one.take(other.note());
  expect([one.waits, other.owes]).toEqual([false, false]);
  for (const frames of one.number([[new Uint8Array(1 << 20)]])) other.take(frames);
  expect(other.owesMuch).toBe(true);
});

test("patience ends after 3 s without anything, then lasts twice as long, until something comes again", () => {
  const patience = new Patience();
  const ticks = (waits: boolean, moved = false) => {
    let count = 1;
    while (!patience.tick(waits, moved) && count < 1000) count += 1;
    return count;
  };
  expect(ticks(false)).toBe(1000); // nothing is to come
  expect(ticks(true, true)).toBe(1000); // it comes
  expect(ticks(true) * usualTickMs).toBe(3000);
  expect(ticks(true) * usualTickMs).toBe(6000);
  for (let i = 0; i < 20; i++) patience.tick(true, true);
  expect(ticks(true) * usualTickMs).toBe(3000);
  for (let i = 0; i < 10; i++) ticks(true);
  expect(ticks(true) * usualTickMs).toBe(60_000);
});
