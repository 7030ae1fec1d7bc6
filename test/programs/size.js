// Says on how many ranks it runs; the configuration is its starter's.
import { launchCluster } from "mpits";

const cluster = await launchCluster();
console.log(`${cluster.size} ranks`);
