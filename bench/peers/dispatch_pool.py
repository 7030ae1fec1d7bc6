"""Tasks that do nothing with multiprocessing.Pool, in chunks of its own choice. Arguments: workers, tasks a job, jobs a sample. A sample: ms of each job."""

import sys
import time
from multiprocessing import Pool


def compute(part):
    return part + 1


if __name__ == "__main__":
    workers, parts, jobs = map(int, sys.argv[1:])
    with Pool(workers) as pool:

        def job():
            start = time.perf_counter()
            assert sum(pool.map(compute, range(parts))) == parts * (parts + 1) // 2
            return (time.perf_counter() - start) * 1000

        for _ in range(100):
            job()
        print("ready", flush=True)
        for _ in sys.stdin:
            print(*(job() for _ in range(jobs)), flush=True)
