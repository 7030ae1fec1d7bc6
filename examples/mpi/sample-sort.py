# The same as sample-sort.js: mpirun -n 4 python3 examples/mpi/sample-sort.py [numbers per rank]
import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
length = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
rank, size = world.rank, world.size
index = np.arange(rank * length + 1, (rank + 1) * length + 1, dtype=np.uint64)
mine = np.sort((index * 2654435761 % 2**32).astype(np.uint32))

samples = mine[[i * length // size for i in range(size)]]
everybody = np.empty(size * size, dtype=np.uint32)
world.Allgather(samples, everybody)
everybody.sort()
splitters = [everybody[(i + 1) * size] for i in range(size - 1)]

ends = [int(np.searchsorted(mine, splitter)) for splitter in splitters] + [length]
send_counts = np.diff([0] + ends).astype(np.int32)
counts = np.empty(size, dtype=np.int32)
world.Alltoall(send_counts, counts)
ordered = np.empty(int(counts.sum()), dtype=np.uint32)
world.Alltoallv([mine, send_counts], [ordered, counts])
ordered.sort()

lengths = world.gather(ordered.size)
whole = np.empty(size * length if rank == 0 else 0, dtype=np.uint32)
world.Gatherv(ordered, [whole, lengths])
if rank == 0:
    checksum = 0
    for value in whole.tolist():
        checksum = (checksum * 31 + value) % 2**32
    is_sorted = bool((whole[:-1] <= whole[1:]).all())
    first, last = int(whole[0]), int(whole[-1])
    print(json.dumps({"lengths": lengths, "isSorted": is_sorted, "first": first, "last": last, "checksum": checksum}))
