"""Samples of pi a second on one core. Arguments: "numpy", total, chunk; or "plain", total."""

import random
import sys
import time


def numpy_rate(total, chunk):
    import numpy as np

    rng, inside = np.random.default_rng(7), 0
    start = time.perf_counter()
    for _ in range(total // chunk):
        x = rng.random(chunk)
        y = rng.random(chunk)
        inside += int(np.count_nonzero(x * x + y * y <= 1))
    return checked(inside, total, start)


def plain_rate(total):
    inside = 0
    random.seed(7)
    start = time.perf_counter()
    for _ in range(total):
        x = random.random()
        y = random.random()
        if x * x + y * y <= 1:
            inside += 1
    return checked(inside, total, start)


def checked(inside, total, start):
    took = time.perf_counter() - start
    assert abs(4 * inside / total - 3.14159) < 0.05
    return total / took


rate = {"numpy": numpy_rate, "plain": plain_rate}[sys.argv[1]]
print("ready", flush=True)
for _ in sys.stdin:
    print(rate(*map(int, sys.argv[2:])), flush=True)
