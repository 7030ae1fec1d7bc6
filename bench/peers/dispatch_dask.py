"""Tasks that do nothing with dask.distributed. Arguments: workers, tasks a job, jobs a sample. A sample: ms of each job."""

import sys
import time

from distributed import Client, LocalCluster


def compute(part):
    return part + 1


if __name__ == "__main__":
    workers, parts, jobs = map(int, sys.argv[1:])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:

        def job():
            start = time.perf_counter()
            assert sum(client.gather(client.map(compute, range(parts), pure=False))) == parts * (parts + 1) // 2
            return (time.perf_counter() - start) * 1000

        for _ in range(20 if jobs > 1 else 1):
            job()
        print("ready", flush=True)
        for _ in sys.stdin:
            print(*(job() for _ in range(jobs)), flush=True)
