# The same as conjugate-gradient.js: mpirun -n 4 python3 examples/mpi/conjugate-gradient.py [cells]
import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
cells = int(sys.argv[1]) if len(sys.argv) > 1 else 64
rank, size = world.rank, world.size
first = cells * rank // size
rows = cells * (rank + 1) // size - first
up = rank - 1 if rank > 0 else MPI.PROC_NULL
down = rank + 1 if rank < size - 1 else MPI.PROC_NULL

right = np.outer(np.sin(np.arange(first, first + rows)), np.cos(np.arange(cells)))
solution = np.zeros_like(right)
residual = right.copy()
direction = np.zeros((rows + 2, cells))  # with the neighbours' rows
own = direction[1:-1]
own[:] = residual


def dot(x, y):
    return world.allreduce(float((x * y).sum()))


def multiply():
    world.Sendrecv(own[0], up, 0, direction[-1], down, 0)
    world.Sendrecv(own[-1], down, 0, direction[0], up, 0)
    product = 4 * own - direction[:-2] - direction[2:]
    product[:, 1:] -= own[:, :-1]
    product[:, :-1] -= own[:, 1:]
    return product


right_norm = dot(right, right)
norm = right_norm
iterations = 0
while norm > 1e-20 * right_norm:
    product = multiply()
    step = norm / dot(own, product)
    solution += step * own
    residual -= step * product
    before, norm = norm, dot(residual, residual)
    own[:] = residual + (norm / before) * own
    iterations += 1
energy = dot(solution, right)
if rank == 0:
    print(json.dumps({"cells": cells, "iterations": iterations, "energy": energy, "corner": float(solution[0, 0])}))
