// A job, and then work of the program's own that gives nothing else its turn.
import { configureInfra, isPrime } from "mpits";

configureInfra({ perNodeCores: 1 });
console.log(await isPrime(7));
const untilMs = performance.now() + 60_000;
while (performance.now() < untilMs);
