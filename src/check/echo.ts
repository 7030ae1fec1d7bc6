/** The kernel by which `checkCluster` measures: every part goes to one rank and comes back with as many bytes as it asks for. */
import { describeHost } from "../host/describe-host.ts";
import { defineKernel, type World } from "../kernels/define-kernel.ts";
import { arithmeticFor } from "../kernels/matmul/arithmetic.ts";
import { forRank } from "../kernels/share.ts";
import type { HostFacts } from "../launch/launcher.ts";
import { blasAdvice } from "./blas-advice.ts";

/** What one rank is asked: so many bytes each way. */
export interface EchoAsk {
  readonly rank: number;
  readonly sendBytes?: number;
  readonly replyBytes?: number;
  /** Say what your machine is. */
  readonly introduce?: boolean;
}

export interface EchoAnswer {
  /** Who was asked, and who answered: another one where the first was lost. */
  readonly asked: number;
  readonly rank: number;
  readonly elapsedMs: number;
  /** The rank's clock minus the driver's in ms, when both ways took the same time; wrong by half of `elapsedMs` at the most. */
  readonly clockOffsetMs: number;
  readonly introduction: Introduction | undefined;
}

/** What a rank says of its machine. */
export interface Introduction {
  readonly facts: HostFacts;
  /** What computes large matrix products there; the library that was not taken for it, with the reason; and how to make it faster. */
  readonly arithmetic: {
    readonly name: string;
    readonly refused?: string | undefined;
    readonly advice?: string | undefined;
  };
}

interface EchoInput {
  readonly asks: readonly EchoAsk[];
  heard(answer: EchoAnswer): void;
}

interface EchoPart {
  readonly ask: EchoAsk;
  readonly sent: Moment;
  readonly payload: Uint8Array;
}

interface Moment {
  readonly ms: number;
  readonly epochMs: number;
}

type EchoReply = Pick<EchoPart, "ask" | "sent" | "payload"> &
  Pick<EchoAnswer, "rank" | "introduction"> & { epochMs: number };

export const echoKernel = defineKernel<EchoInput, EchoPart, EchoReply, void>({
  name: "echo",
  module: import.meta.url,
  order: "arrival",
  *scatter({ asks }: EchoInput, _world: World) {
    for (const ask of asks)
      yield forRank(ask.rank, { ask, payload: new Uint8Array(ask.sendBytes ?? 0), sent: moment() });
  },
  async compute({ ask, sent }, { rank, threads }) {
    const introduction = ask.introduce ? await introduce(threads) : undefined;
    return { ask, sent, rank, introduction, epochMs: Date.now(), payload: new Uint8Array(ask.replyBytes ?? 0) };
  },
  async reduce(replies, { heard }) {
    for await (const reply of replies) heard(answerOf(reply, moment()));
  },
});

async function introduce(threads: number): Promise<Introduction> {
  const { name, refused } = await arithmeticFor("large", threads, 1);
  return { facts: describeHost(), arithmetic: { name, refused, advice: blasAdvice(name) } };
}

function moment(): Moment {
  return { ms: performance.now(), epochMs: Date.now() };
}

function answerOf({ ask, sent, rank, introduction, epochMs }: EchoReply, now: Moment): EchoAnswer {
  const clockOffsetMs = epochMs - (sent.epochMs + now.epochMs) / 2;
  return { asked: ask.rank, rank, introduction, clockOffsetMs, elapsedMs: now.ms - sent.ms };
}
