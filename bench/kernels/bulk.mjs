// A kernel whose work is next to nothing on much data: every number doubled, piece by piece, each piece sent back.
import { defineKernel, move } from "mpits";

export const doubled = defineKernel({
  name: "doubled",
  order: "arrival",
  *scatter({ data, partLength }) {
    for (let at = 0; at < data.length; at += partLength) yield { at, piece: data.subarray(at, at + partLength) };
  },
  compute({ at, piece }) {
    for (let i = 0; i < piece.length; i++) piece[i] *= 2;
    return { at, piece: move(piece) };
  },
  async reduce(partials, { into }) {
    for await (const { at, piece } of partials) into.set(piece, at);
    return into;
  },
});
