# The same as ring.js: mpirun -n 4 python3 examples/mpi/ring.py [rounds]
import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
rank, size = world.rank, world.size
right, left = (rank + 1) % size, (rank - 1) % size

token = np.zeros(1, dtype=np.int32)
for round in range(rounds):
    sending = world.Isend(token.copy(), right, tag=round) if rank == 0 else MPI.REQUEST_NULL
    world.Recv(token, source=left, tag=round)
    token[0] += rank
    if rank > 0:
        world.Send(token, right, tag=round)
    sending.Wait()
if rank == 0:
    print(json.dumps({"size": size, "rounds": rounds, "token": int(token[0])}))
