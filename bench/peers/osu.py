"""What the OSU micro-benchmarks measure, by mpi4py. Arguments: test, "buffer" or "pickle", bytes, times. Run by mpirun."""

import sys
import time

import numpy as np
from mpi4py import MPI

from mpi_turns import turns

test, form, size, times = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
comm = MPI.COMM_WORLD
rank, ranks = comm.Get_rank(), comm.Get_size()
window = 16
out = np.full(size, 7, np.uint8)
into = np.empty(size, np.uint8)


def latency():
    if form == "buffer":
        if rank == 0:
            comm.Send(out, 1)
            comm.Recv(into, 1)
        elif rank == 1:
            comm.Recv(into, 0)
            comm.Send(out, 0)
    elif rank == 0:
        comm.send(out, 1)
        comm.recv(source=1)
    elif rank == 1:
        comm.recv(source=0)
        comm.send(out, 0)


targets = [into if size > 1 << 20 else np.empty(size, np.uint8) for _ in range(window)]
small = np.empty(1, np.uint8)


def windows(directions):
    requests = []
    for source, dest in directions:
        if rank == dest:
            requests += [comm.Irecv(target, source, 0) for target in targets]
        if rank == source:
            requests += [comm.Isend(out, dest, 0) for _ in targets]
    MPI.Request.Waitall(requests)
    for source, dest in directions:
        if rank == dest:
            comm.Send(small, source, 1)
        if rank == source:
            comm.Recv(small, dest, 1)


doubles = np.ones(max(1, size // 8))
sums = np.empty_like(doubles)
parcels = np.zeros((ranks, size), np.uint8)
got = np.empty_like(parcels)


def bcast():
    comm.Bcast(into, 0) if form == "buffer" else comm.bcast(out if rank == 0 else None, 0)


def allreduce():
    comm.Allreduce(doubles, sums) if form == "buffer" else comm.allreduce(doubles)


def alltoall():
    comm.Alltoall(parcels, got) if form == "buffer" else comm.alltoall(list(parcels))


step, share = {
    "latency": (latency, 0.5),
    "bandwidth": (lambda: windows([(0, 1)]), 1 / window),
    "biBandwidth": (lambda: windows([(0, 1), (1, 0)]), 1 / window / 2),
    "bcast": (bcast, 1),
    "allreduce": (allreduce, 1),
    "alltoall": (alltoall, 1),
}[test]


def measure():
    for _ in range(-(-times // 10)):
        step()
    comm.Barrier()
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times * 1e6 * share


for _ in turns(comm):
    took = measure()
    if rank == 0:
        print(took, flush=True)
