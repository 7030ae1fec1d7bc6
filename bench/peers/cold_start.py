"""A cold start, one tiny job and the exit: ms. Arguments: "pool", "dask" or "mpi4py", and how many processes."""

import subprocess
import sys
import time

POOL = """
from multiprocessing import Pool
def compute(part): return part + 1
if __name__ == "__main__":
    with Pool({n}) as pool: assert sum(pool.map(compute, range({n}))) == {n} * ({n} + 1) // 2
"""

DASK = """
from distributed import Client, LocalCluster
def compute(part): return part + 1
if __name__ == "__main__":
    with LocalCluster(n_workers={n}, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        assert sum(client.gather(client.map(compute, range({n})))) == {n} * ({n} + 1) // 2
"""

MPI4PY = """
from mpi4py import MPI
assert MPI.COMM_WORLD.allreduce(MPI.COMM_WORLD.Get_rank() + 1) == {n} * ({n} + 1) // 2
"""

kind, count = sys.argv[1], int(sys.argv[2])
text = {"pool": POOL, "dask": DASK, "mpi4py": MPI4PY}[kind].format(n=count)
launcher = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(count)] if kind == "mpi4py" else []

print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    subprocess.run([*launcher, sys.executable, "-c", text], check=True, stderr=subprocess.DEVNULL)
    print((time.perf_counter() - start) * 1000, flush=True)
