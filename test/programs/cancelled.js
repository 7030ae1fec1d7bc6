// Ends its job before anybody waits for the result.
import { cancelJob, configureInfra, isPrime, shutdown } from "mpits";

configureInfra({ perNodeCores: 1 });
const result = isPrime(2n ** 127n - 1n);
await cancelJob("changed my mind");
await shutdown();
console.log(await result.catch(({ name }) => name));
