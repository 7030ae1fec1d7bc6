"""numpy's product of two n x n matrices of doubles, GFLOP/s. Arguments: n, threads."""

import os
import sys
import time

n, threads = int(sys.argv[1]), sys.argv[2]
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = threads

import numpy as np

rng = np.random.default_rng(1)
a, b = rng.random((n, n)), rng.random((n, n))
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    c = a @ b
    took = time.perf_counter() - start
    assert abs(c[n // 2, n // 3] - float(np.sum(a[n // 2] * b[:, n // 3]))) < 1e-9 * n
    print(2 * n**3 / took / 1e9, flush=True)
