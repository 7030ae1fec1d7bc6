import { launchCluster, isPrime } from "mpits";
const cluster = await launchCluster({ perNodeCores: 4 });
const p = 562949953421381n, q = p + 0n;
const t=performance.now(); const timer=setTimeout(()=>{console.log("HANG",JSON.stringify(cluster.runningJob?.getSnapshot(),(k,v)=>typeof v==="bigint"?String(v):v), cluster.runningJob?.story().slice(-6)); process.exit(1)},5000);
console.log(await isPrime(562949953421381n*2251799813645467n,{cluster}).catch(e=>e.message), (performance.now()-t).toFixed(0),"ms"); clearTimeout(timer);
await cluster.close();
