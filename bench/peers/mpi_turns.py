"""Turns of a peer of several ranks: one for each line on stdin, on all ranks at the same time."""

import sys
import time


def turns(comm):
    """Yields once a turn. Open MPI spins while it waits; between the turns that would take a core from the others. So would looking often."""
    if comm.Get_rank() == 0:
        print("ready", flush=True)
        for _ in sys.stdin:
            tell_others(comm, True)
            comm.Barrier()
            yield
        tell_others(comm, False)
    else:
        while told(comm):
            comm.Barrier()
            yield


def tell_others(comm, more):
    for other in range(1, comm.Get_size()):
        comm.send(more, other, 9)


def told(comm):
    while not comm.Iprobe(0, 9):
        time.sleep(0.02)
    return comm.recv(source=0, tag=9)
