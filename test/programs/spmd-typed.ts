// A program of every rank in TypeScript.
import { type Communicator, MAX } from "mpits";
import { world } from "mpits/program";

const largest = async (comm: Communicator): Promise<number> => comm.allreduce(comm.rank, { op: MAX });
const most: number = await largest(world);
if (world.rank === 0) console.log(`${most + 1} ranks`);
