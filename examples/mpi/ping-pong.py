# The same as ping-pong.js: mpirun -n 2 python3 examples/mpi/ping-pong.py [times]
import json
import sys
from time import perf_counter

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
times = int(sys.argv[1]) if len(sys.argv) > 1 else 100
rank = world.rank
other = 1 - rank
results = []

bytes = 8
while bytes <= 1 << 20:
    ball = np.zeros(bytes // 8)
    start = perf_counter()
    for i in range(times if rank < 2 else 0):
        if rank == 0:
            world.Send(ball, other)
        world.Recv(ball, source=other)
        ball[i % ball.size] += 1 + rank
        if rank == 1:
            world.Send(ball, other)
    one_way_us = (perf_counter() - start) * 1e6 / (2 * times)
    if rank == 0:
        print(f"{bytes} bytes: {one_way_us:.1f} µs", file=sys.stderr)
    results.append({"bytes": bytes, "sum": float(ball.sum())})
    bytes *= 8
if rank == 0:
    print(json.dumps(results))
