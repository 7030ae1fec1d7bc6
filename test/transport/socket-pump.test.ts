/** The reader loop and the writer queue of one socket, on a socket that the test plays itself. */
import type { Dealer } from "zeromq";
import { TransportError } from "../../src/errors.ts";
import { openParcel } from "../../src/transport/parcel.ts";
import { openSocketCount, SocketPump } from "../../src/transport/socket-pump.ts";
import { nothingIsLeft } from "../support/nothing-left.ts";

interface Gate<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Sends and receives are pending until the test lets them go, and a second one meanwhile is refused as ZeroMQ does. */
class PlayedSocket {
  closed = false;
  readonly written: string[] = [];
  sending: Gate<void> | undefined;
  receiving: Gate<Uint8Array[]> | undefined;

  send([frame]: Uint8Array[]): Promise<void> {
    if (this.closed) throw Object.assign(new Error("Socket is closed"), { code: "EBADF" });
    if (this.sending) throw Object.assign(new Error("Socket is busy writing"), { code: "EBUSY" });
    this.written.push(Buffer.from(frame!).toString());
    return new Promise((resolve, reject) => {
      this.sending = gate(resolve, reject, () => {
        this.sending = undefined;
      });
    });
  }

  receive(): Promise<Uint8Array[]> {
    if (this.receiving) throw Object.assign(new Error("Socket is busy reading"), { code: "EBUSY" });
    return new Promise((resolve, reject) => {
      this.receiving = gate(resolve, reject, () => {
        this.receiving = undefined;
      });
    });
  }

  close(): void {
    this.closed = true;
    const error = Object.assign(new Error("Operation was not possible or timed out"), { code: "EAGAIN" });
    this.receiving?.reject(error);
    this.sending?.reject(error);
  }
}

nothingIsLeft();

function pumpOn(socket: PlayedSocket, inParcels = false, inStretches = false): SocketPump {
  return new SocketPump(socket as unknown as Dealer, { inParcels, inStretches });
}

test("control is sent before data that waits, each lane in its own order", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  const sent = [pump.send("data", [text("d1")]), pump.send("data", [text("d2")]), pump.send("data", [text("d3")])];
  sent.push(pump.send("control", [text("c1")]), pump.send("control", [text("c2")]));
  expect(socket.written).toEqual(["d1"]);
  for (let i = 0; i < 5; i++) await letGo(socket);
  expect(socket.written).toEqual(["d1", "c1", "c2", "d2", "d3"]);
  await Promise.all(sent);
  await pump.close();
});

test("data of one turn goes together, and control before it at once", async () => {
  const socket = new PlayedSocket();
  const parcels: string[][] = [];
  socket.send = (parcel) => {
    parcels.push(openParcel(parcel).map(([frame]) => Buffer.from(frame!).toString()));
    return Promise.resolve();
  };
  const pump = pumpOn(socket, true);
  const sent = [pump.send("data", [text("d1")]), pump.send("data", [text("d2")])];
  await turn();
  sent.push(pump.send("data", [text("d3")]), pump.send("control", [text("c1")]), pump.send("data", [text("d4")]));
  expect(parcels).toEqual([["d1", "d2"], ["c1"]]);
  await Promise.all(sent);
  expect(parcels).toEqual([["d1", "d2"], ["c1"], ["d3", "d4"]]);
  await pump.close();
});

test("control of one stretch of code goes together where nobody's program runs on, and data goes when it is told to", async () => {
  const socket = new PlayedSocket();
  const parcels: string[][] = [];
  socket.send = (parcel) => {
    parcels.push(openParcel(parcel).map(([frame]) => Buffer.from(frame!).toString()));
    return Promise.resolve();
  };
  const pump = pumpOn(socket, true, true);
  const sent = [pump.send("control", [text("c1")]), pump.send("control", [text("c2")])];
  expect(parcels).toEqual([]);
  await undefined;
  expect(parcels).toEqual([["c1", "c2"]]);
  await Promise.all(sent);
  sent.push(pump.send("data", [text("d1")]), pump.send("data", [text("d2")]));
  pump.flush();
  expect(parcels).toEqual([
    ["c1", "c2"],
    ["d1", "d2"],
  ]);
  await Promise.all(sent);
  pump.flush();
  await turn();
  expect(parcels).toHaveLength(2);
  await pump.close();
});

test("a parcel is for one peer, and does not grow without end", async () => {
  const socket = new PlayedSocket();
  const parcels: [string, number][] = [];
  socket.send = ([to, ...parcel]) => {
    parcels.push([Buffer.from(to!).toString(), openParcel(parcel).length]);
    return Promise.resolve();
  };
  const pump = pumpOn(socket, true);
  const [a, b] = [{ id: text("a") }, { id: text("b") }];
  const sent = [a, a, b, a].map((to) => pump.send("data", [text("x")], to));
  const large = Array.from({ length: 10 }, () => pump.send("data", [new Uint8Array(20_000)], b));
  await Promise.all([...sent, ...large]);
  expect(parcels).toEqual([
    ["a", 2],
    ["b", 1],
    ["a", 1],
    ["b", 4],
    ["b", 4],
    ["b", 2],
  ]);
  await pump.close();
});

test("one send at a time, however many are asked for", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  const sent = Array.from({ length: 20 }, (_, i) => pump.send(i % 2 ? "control" : "data", [text(String(i))]));
  while (socket.written.length < 20) await letGo(socket);
  await letGo(socket);
  await Promise.all(sent); // the played socket throws at a second one
  await pump.close();
});

test("a send that fails rejects by itself, and the next goes on", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  const failing = pump.send("data", [text("1")]);
  const fine = pump.send("data", [text("2")]);
  socket.sending!.reject(new Error("EHOSTUNREACH"));
  await expect(failing).rejects.toThrow(TransportError);
  await expect(failing).rejects.toThrow(/sending failed: EHOSTUNREACH/);
  await letGo(socket);
  await fine;
  await pump.close();
});

test("a socket that throws instead of rejecting gives a rejection too", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  socket.send([text("somebody else's")]).catch(() => {}); // ends when the socket is closed
  await expect(pump.send("data", [text("1")])).rejects.toThrow(/busy writing/);
  await pump.close();
});

test("close rejects what is being sent and what waits", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  const sent = [pump.send("data", [text("1")]), pump.send("data", [text("2")]), pump.send("control", [text("3")])];
  const outcomes = Promise.allSettled(sent);
  await pump.close();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: "rejected" });
  expect(socket.written).toEqual(["1"]);
  await expect(pump.send("data", [text("4")])).rejects.toThrow(TransportError);
});

test("messages in plenty leave the event loop its turns", async () => {
  const socket = new PlayedSocket();
  const plenty = 1e6;
  let received = 0;
  socket.receive = () => (++received < plenty ? Promise.resolve([text("more")]) : new Promise(() => {}));
  const pump = pumpOn(socket);
  pump.start(() => {});
  await new Promise(setImmediate);
  expect(received).toBeGreaterThan(0);
  expect(received).toBeLessThan(plenty);
  socket.receive = () => Promise.reject(new Error("closed"));
  await pump.close();
});

test("a resting pump begins no receive, and goes on when it resumes", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  const got: string[] = [];
  pump.start(([frame]) => got.push(Buffer.from(frame!).toString()));
  pump.rest();
  await arrive(socket, "last");
  await turn();
  await turn();
  expect(got).toEqual(["last"]);
  expect(socket.receiving).toBeUndefined();
  pump.resume();
  await arrive(socket, "first");
  expect(got).toEqual(["last", "first"]);
  await pump.close();
});

test("a pump that rests again before it woke begins no receive", async () => {
  const socket = new PlayedSocket();
  const pump = pumpOn(socket);
  pump.start(() => {});
  pump.rest();
  await arrive(socket, "last");
  await turn();
  pump.resume();
  pump.rest();
  await turn();
  expect(socket.receiving).toBeUndefined();
  await pump.close();
});

test("open pumps are counted until they are closed, closing twice counts once", async () => {
  const pumps = [pumpOn(new PlayedSocket()), pumpOn(new PlayedSocket())];
  expect(openSocketCount()).toBe(2);
  await pumps[0]!.close();
  await pumps[0]!.close();
  expect(openSocketCount()).toBe(1);
  await pumps[1]!.close();
  expect(openSocketCount()).toBe(0);
});

async function letGo(socket: PlayedSocket): Promise<void> {
  socket.sending?.resolve();
  await turn();
}

/** Hands a message to the pump, as soon as it asks for one. */
async function arrive(socket: PlayedSocket, word: string): Promise<void> {
  while (!socket.receiving) await turn();
  socket.receiving.resolve([text(word)]);
  await turn();
}

function gate<T>(resolve: (value: T) => void, reject: (error: Error) => void, opened: () => void): Gate<T> {
  return {
    resolve(value) {
      opened();
      resolve(value);
    },
    reject(error) {
      opened();
      reject(error);
    },
  };
}

function turn(): Promise<void> {
  return new Promise(setImmediate);
}

function text(value: string): Uint8Array {
  return Buffer.from(value);
}
