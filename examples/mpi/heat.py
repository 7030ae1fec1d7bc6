# The same as heat.js: mpirun -n 4 python3 examples/mpi/heat.py [cells] [steps]
import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
cells = int(sys.argv[1]) if len(sys.argv) > 1 else 48
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 100
cart = world.Create_cart(MPI.Compute_dims(world.size, 2))
dims = cart.dims


def share(ranks, coordinate):
    first = cells * coordinate // ranks
    return cells * (coordinate + 1) // ranks - first, first


rows, row0 = share(dims[0], cart.coords[0])
columns, column0 = share(dims[1], cart.coords[1])
plate = np.zeros((rows + 2, columns + 2))
plate[1:-1, 1:-1] = np.add.outer((row0 + np.arange(rows)) * 7, (column0 + np.arange(columns)) * 13) % 17

column = MPI.DOUBLE.Create_vector(rows, 1, columns + 2).Commit()
inner = MPI.DOUBLE.Create_subarray([rows + 2, columns + 2], [rows, columns], [1, 1]).Commit()
up, down = cart.Shift(0, 1)
left, right = cart.Shift(1, 1)


def border(cells_of_edge, to, cells_of_border, source, datatype, count):
    flat = plate.reshape(-1)
    cart.Sendrecv([flat[cells_of_edge:], count, datatype], to, 0, [flat[cells_of_border:], count, datatype], source, 0)


def at(i, j):
    return (i + 1) * (columns + 2) + j + 1


for step in range(steps):
    border(at(0, 0), up, at(rows, 0), down, MPI.DOUBLE, columns)
    border(at(rows - 1, 0), down, at(-1, 0), up, MPI.DOUBLE, columns)
    border(at(0, 0), left, at(0, columns), right, column, 1)
    border(at(0, columns - 1), right, at(0, -1), left, column, 1)
    after = plate.copy()
    middle = plate[1:-1, 1:-1]
    after[1:-1, 1:-1] = (middle + plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]) / 5
    plate = after

whole = np.zeros((cells, cells))
sending = cart.Isend([plate, 1, inner], 0)
if cart.rank == 0:
    for rank in range(cart.size):
        (height, top), (breadth, first) = [share(dims[i], c) for i, c in enumerate(cart.Get_coords(rank))]
        place = MPI.DOUBLE.Create_subarray([cells, cells], [height, breadth], [top, first]).Commit()
        cart.Recv([whole, 1, place], rank)
sending.Wait()
if cart.rank == 0:
    checksum = 0
    for word in whole.view(np.uint32).reshape(-1).tolist():
        checksum = (checksum * 31 + word) % 2**32
    centre = float(whole.reshape(-1)[(cells * cells + cells) // 2])
    print(json.dumps({"cells": cells, "steps": steps, "centre": centre, "checksum": checksum}))
