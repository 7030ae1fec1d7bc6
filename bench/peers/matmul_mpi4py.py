"""The block algorithm of a matrix product over MPI: rows of a scattered, b broadcast, rows of c gathered. GFLOP/s, all included.
Arguments: n. Each rank multiplies by numpy with one thread."""

import os
import sys
import time

from mpi_turns import turns

n = int(sys.argv[1])
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from mpi4py import MPI

comm = MPI.COMM_WORLD
rank, size = comm.Get_rank(), comm.Get_size()
assert n % size == 0
a = b = None
if rank == 0:
    rng = np.random.default_rng(1)
    a, b = rng.random((n, n)), rng.random((n, n))


def product():
    rows = np.empty((n // size, n))
    right = b if rank == 0 else np.empty((n, n))
    comm.Scatter(a, rows, root=0)
    comm.Bcast(right, root=0)
    c = np.empty((n, n)) if rank == 0 else None
    comm.Gather(rows @ right, c, root=0)
    return c


for _ in turns(comm):
    start = time.perf_counter()
    c = product()
    took = time.perf_counter() - start
    if rank == 0:
        assert abs(c[n // 2, n // 3] - float(np.sum(a[n // 2] * b[:, n // 3]))) < 1e-9 * n
        print(2 * n**3 / took / 1e9, flush=True)
