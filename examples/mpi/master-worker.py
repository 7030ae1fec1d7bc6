# The same as master-worker.js: mpirun -n 4 python3 examples/mpi/master-worker.py [tasks]
import json
import sys

from mpi4py import MPI

world = MPI.COMM_WORLD
tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 200
ASK, RESULT, WORK, STOP = 1, 2, 3, 4
rank, size = world.rank, world.size


def longest(block):
    best = {"start": 0, "steps": -1}
    for start in range(1000 * block + 1, 1000 * (block + 1) + 1):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > best["steps"]:
            best = {"start": start, "steps": steps}
    return best


if rank == 0:
    results = [None] * tasks
    upcoming, working = 0, size - 1
    status = MPI.Status()
    while working > 0:
        data = world.recv(source=MPI.ANY_SOURCE, tag=MPI.ANY_TAG, status=status)
        if status.tag == RESULT:
            results[data["block"]] = data["best"]
        if upcoming < tasks:
            world.send(upcoming, status.source, tag=WORK)
            upcoming += 1
        else:
            world.send(None, status.source, tag=STOP)
            working -= 1
    for block in range(upcoming, tasks):
        results[block] = longest(block)
    best = results[0]
    for other in results:
        best = other if other["steps"] > best["steps"] else best
    print(json.dumps({"tasks": tasks, **best, "sum": sum(result["steps"] for result in results)}))
else:
    world.send(None, 0, tag=ASK)
    status = MPI.Status()
    while True:
        block = world.recv(source=0, status=status)
        if status.tag == STOP:
            break
        world.send({"block": block, "best": longest(block)}, 0, tag=RESULT)
