"""Odd divisors tested a second in plain Python, each process a range of its own. Arguments: n, from, to, processes."""

import sys
import time
from multiprocessing import Pool

WINDOW = 1_500_000  # odd divisors of each process's range that one sample tests


def divisor_of(n, first, end):
    for d in range(first, end, 2):
        if n % d == 0:
            return d
    return None


def search(task):
    return divisor_of(*task)


if __name__ == "__main__":
    n, start, end, processes = map(int, sys.argv[1:])
    share = (end - start) // processes
    firsts = [(start + share * (2 * process + 1) // 2) | 1 for process in range(processes)]
    tasks = [(n, first, first + 2 * WINDOW) for first in firsts]
    with Pool(processes) as pool:
        run = pool.map if processes > 1 else map
        print("ready", flush=True)
        for _ in sys.stdin:
            began = time.perf_counter()
            assert list(run(search, tasks)) == [None] * processes
            print(processes * WINDOW / (time.perf_counter() - began), flush=True)
