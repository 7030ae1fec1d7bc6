// ZeroMQ alone: a DEALER of another process sends windows of 16 messages of 4 MiB, each in four frames, to a ROUTER over loopback, which
// answers each window. Nobody copies anything into or out of ZeroMQ's messages. The limit for what is built on it.
import { fork } from "node:child_process";
import { Dealer, Router } from "zeromq";

const frameBytes = 1 << 20;
const frames = 4;
const windowLength = 16;
const windows = 8;
const options = { linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 };

/** A contender: MB/s. */
export async function openZeromq() {
  const router = new Router(options);
  await router.bind("tcp://127.0.0.1:*");
  const sender = fork(import.meta.filename, [router.lastEndpoint]);
  const [peer] = await router.receive();

  async function sample() {
    const from = performance.now();
    for (let i = 0; i < windows; i++) {
      await router.send([peer, ""]);
      for (let k = 0; k < windowLength; k++) await router.receive();
    }
    const seconds = (performance.now() - from) / 1000;
    return (windows * windowLength * frames * frameBytes) / seconds / 1e6;
  }

  return {
    sample,
    close() {
      sender.kill();
      router.close();
    },
  };
}

async function send(endpoint) {
  const dealer = new Dealer(options);
  dealer.connect(endpoint);
  await dealer.send("here");
  const frame = new Uint8Array(new SharedArrayBuffer(frameBytes)).fill(7);
  for await (const _ of dealer)
    for (let k = 0; k < windowLength; k++) await dealer.send(Array.from({ length: frames }, () => frame));
}

if (process.argv[1] === import.meta.filename) await send(process.argv[2]);
