// ZeroMQ alone, as zeromq.js has it: a DEALER of another process and a ROUTER over loopback, nothing copied into or out of their messages.
// The limit for what is built on it. Bandwidth: windows of 16 messages, each in frames of at most 1 MiB, and an answer to each window.
// Latency: half a round trip.
import { fork } from "node:child_process";
import { curveKeyPair, Dealer, Router } from "zeromq";

const mostFrameBytes = 1 << 20;
const windowLength = 16;
const windows = 8;
const roundTrips = 2000;
const options = { linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 };

/**
 * A contender.
 * @param {"bandwidth" | "latency"} test bandwidth in MB/s, latency in µs
 * @param {boolean} [curve] encrypted
 */
export async function openZeromq(test, bytes, curve = false) {
  const { router, peer, close } = await pair({ bytes, answers: test === "latency" ? 1 : windowLength }, curve);

  async function bandwidth() {
    const from = performance.now();
    for (let i = 0; i < windows; i++) {
      await router.send([peer, ""]);
      for (let k = 0; k < windowLength; k++) await router.receive();
    }
    return (windows * windowLength * bytes) / (performance.now() - from) / 1000;
  }

  async function latency() {
    const message = new Uint8Array(bytes);
    const from = performance.now();
    for (let i = 0; i < roundTrips; i++) {
      await router.send([peer, message]);
      await router.receive();
    }
    return ((performance.now() - from) * 1000) / roundTrips / 2;
  }

  return { sample: test === "latency" ? latency : bandwidth, close };
}

/**
 * A contender: milliseconds for `out` messages to the other process, of `outBytes` each, and `backBytes` back for each, at the same time.
 */
export async function openExchange(out, outBytes, backBytes, curve = false) {
  const { router, peer, close } = await pair({ bytes: backBytes, answers: 1 }, curve);
  const frames = framesOf(outBytes);

  async function sendAll() {
    for (let i = 0; i < out; i++) await router.send([peer, ...frames]);
  }

  async function sample() {
    const from = performance.now();
    const sent = sendAll();
    for (let i = 0; i < out; i++) await router.receive();
    await sent;
    return performance.now() - from;
  }

  return { sample, close };
}

/** A ROUTER here, and a process of its own with a DEALER that gives so many `answers`, of `bytes` each, to each message. */
async function pair(answer, curve) {
  const keys = curve ? { server: curveKeyPair(), client: curveKeyPair() } : undefined;
  const router = new Router({ ...options, ...(keys && { curveServer: true, curveSecretKey: keys.server.secretKey }) });
  await router.bind("tcp://127.0.0.1:*");
  const sender = fork(import.meta.filename, [JSON.stringify({ endpoint: router.lastEndpoint, keys, ...answer })]);
  const [peer] = await router.receive();
  const close = () => {
    sender.kill();
    router.close();
  };
  return { router, peer, close };
}

function framesOf(bytes) {
  const frame = new Uint8Array(new SharedArrayBuffer(Math.min(bytes, mostFrameBytes))).fill(7);
  return Array.from({ length: Math.ceil(bytes / mostFrameBytes) }, () => frame);
}

async function answer({ endpoint, bytes, answers, keys }) {
  const curve = keys && {
    curveServerKey: keys.server.publicKey,
    curvePublicKey: keys.client.publicKey,
    curveSecretKey: keys.client.secretKey,
  };
  const dealer = new Dealer({ ...options, ...curve });
  dealer.connect(endpoint);
  await dealer.send("here");
  const frames = framesOf(bytes);
  for await (const _ of dealer) for (let k = 0; k < answers; k++) await dealer.send(frames);
}

if (process.argv[1] === import.meta.filename) await answer(JSON.parse(process.argv[2]));
