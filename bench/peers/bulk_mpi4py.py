"""Scatter, double, gather: GB/s, both ways counted. Arguments: MiB. The root takes part, as one of the processes."""

import sys
import time

import numpy as np
from mpi4py import MPI

from mpi_turns import turns

count = int(sys.argv[1]) * 2**20 // 8
comm = MPI.COMM_WORLD
rank, size = comm.Get_rank(), comm.Get_size()
assert count % size == 0
data = np.full(count, 1.5) if rank == 0 else None
into = np.empty(count) if rank == 0 else None
own = np.empty(count // size)

for _ in turns(comm):
    start = time.perf_counter()
    comm.Scatter(data, own, root=0)
    own *= 2
    comm.Gather(own, into, root=0)
    took = time.perf_counter() - start
    if rank == 0:
        assert into[0] == 3 and into[-1] == 3
        print(16 * count / took / 1e9, flush=True)
