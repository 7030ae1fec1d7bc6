// A program in MPI's manner: every rank runs this module.
import { host, world } from "mpits/program";

const { rank, size } = world;
const names = await world.gather(`${rank} of ${size} on ${host}`);
if (rank === 0) for (const name of names) console.log(name);
if (rank === 1) console.log(`arguments ${process.argv.slice(2).join(" ")}`);
globalThis.runs = (globalThis.runs ?? 0) + 1;
if (rank === 0) for (let line = 1; line <= 200; line++) console.log(`${globalThis.runs} line ${line}`);
