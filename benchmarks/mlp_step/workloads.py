# SPDX-License-Identifier: Apache-2.0
"""The workloads of this benchmark, and what every contestant's program does on its command line.

    python3 workloads.py WORKLOAD FILE        writes weights and batches, for programs in other languages
"""

import dataclasses
import math
import sys
import time

import numpy

BATCHES = 8  # different batches, used in turns
CHECK_STEPS = 5
LEARNING_RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8  # Adam, everywhere

# As text in the engine's language, in PyTorch and in numpy's of jax. 15 operations as written: 8 products, a sum, a
# difference, a sign, sigmoid, sin, tanh, exp.
SEARCHED = "x*sigmoid(1.5*x) + 0.1*sin(x)*tanh(x) - 0.05*x*x*exp(-x*x)"


@dataclasses.dataclass(frozen=True)
class Workload:
    sizes: tuple[int, ...]  # units per layer, the inputs first
    batch: int
    loss: str  # cross_entropy, or mse with one output
    activation: str = "relu"


WORKLOADS = {
    "tab": Workload((16, 64, 64, 2), 64, "cross_entropy"),
    "wide": Workload((32, 64, 64, 1), 256, "mse"),
    "mid": Workload((64, 128, 128, 10), 128, "cross_entropy"),
    "mid_searched": Workload((64, 128, 128, 10), 128, "cross_entropy", SEARCHED),
    "fashion": Workload((784, 256, 256, 10), 128, "cross_entropy"),
}


def make_state(workload: Workload) -> tuple[list[numpy.ndarray], list[tuple[numpy.ndarray, numpy.ndarray]]]:
    """(w0 [in, out], b0 [out], w1, ...; batches of x [batch, in] and y [batch, 1]) as float32; classes are whole numbers."""
    random = numpy.random.RandomState(1)  # its stream is frozen over numpy's versions
    weights = []
    for inputs, outputs in zip(workload.sizes, workload.sizes[1:]):
        bound = 1 / math.sqrt(inputs)
        weights.append(random.uniform(-bound, bound, (inputs, outputs)).astype(numpy.float32))
        weights.append(random.uniform(-bound, bound, outputs).astype(numpy.float32))
    batches = []
    for _ in range(BATCHES):
        x = random.standard_normal((workload.batch, workload.sizes[0])).astype(numpy.float32)
        if workload.loss == "mse":
            y = random.standard_normal((workload.batch, 1)).astype(numpy.float32)
        else:
            y = random.randint(0, workload.sizes[-1], (workload.batch, 1)).astype(numpy.float32)
        batches.append((x, y))
    return weights, batches


def serve(prepare) -> None:
    """The protocol of README.md. `prepare(workload)` returns (compile milliseconds, run(steps), losses(steps)): run trains
    that many steps on and returns when they are done; losses trains from the start and returns each step's loss."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if not arguments or arguments[0] not in WORKLOADS:
        sys.exit(f"usage: {sys.argv[0]} {{{','.join(WORKLOADS)}}} [ROUNDS] [--check]")
    compile_ms, run, losses = prepare(WORKLOADS[arguments[0]])
    if "--check" in sys.argv:
        for loss in losses(CHECK_STEPS):
            print(f"loss {loss:.7g}")
        return
    rounds = int(arguments[1]) if len(arguments) > 1 else math.inf
    run(20)  # memory pools, caches, lazily chosen kernels
    print(f"compile_ms {compile_ms:.1f}", flush=True)
    while rounds > 0 and (line := sys.stdin.readline()):
        steps = int(line)
        begin, begin_cpu = time.perf_counter(), time.process_time()
        run(steps)
        wall, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        print(f"{1e6 * wall / steps:.3f} {1e6 * cpu / steps:.3f}", flush=True)
        rounds -= 1


def write_state(name: str, path: str) -> None:
    """Raw little-endian float32: w0, b0, w1, ..., then x and y of each of the 8 batches."""
    weights, batches = make_state(WORKLOADS[name])
    with open(path, "wb") as file:
        for array in weights + [array for batch in batches for array in batch]:
            file.write(array.astype("<f4").tobytes())


if __name__ == "__main__":
    write_state(sys.argv[1], sys.argv[2])
