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
CHECK_STEPS = 20
LEARNING_RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8  # Adam, everywhere
SGD_RATE = 1e-2
ROW_CLIP, CLIP_RATE = 1.0, 0.1  # the longest gradient of a row; the rate of the steps by which clipping is checked

# As text in the engine's language, in PyTorch and in numpy's of jax. 15 operations as written: 8 products, a sum, a
# difference, a sign, sigmoid, sin, tanh, exp.
SEARCHED = "x*sigmoid(1.5*x) + 0.1*sin(x)*tanh(x) - 0.05*x*x*exp(-x*x)"


@dataclasses.dataclass(frozen=True)
class Workload:
    sizes: tuple[int, ...]  # units per layer, the inputs first; of `apply` how many numbers; of `filters` h, w, c, f
    batch: int
    loss: str = "cross_entropy"  # or mse with one output
    activation: str = "relu"
    optimizer: str = "adam"  # or sgd
    # Or clip: the rows' clipped gradients; filters: the pictures', by the filters of a convolution; apply: the activation.
    work: str = "step"

    def inputs(self) -> int:
        """Numbers in a row of x; of `filters` a picture's, then its slopes'."""
        if self.work == "filters":
            height, width, channels, filters = self.sizes
            return height * width * (channels + filters)
        return self.sizes[0]


WORKLOADS = {
    "tab_sgd": Workload((16, 64, 64, 2), 64, optimizer="sgd"),
    "tab": Workload((16, 64, 64, 2), 64),
    "wide": Workload((32, 64, 64, 1), 256, loss="mse"),
    "mid": Workload((64, 128, 128, 10), 128),
    "mid_searched": Workload((64, 128, 128, 10), 128, activation=SEARCHED),
    "fashion": Workload((784, 256, 256, 10), 128),
    "clip": Workload((64, 128, 10), 128, work="clip"),
    "filters_early": Workload((14, 14, 16, 32), 64, work="filters"),
    "filters_late": Workload((4, 4, 128, 128), 64, work="filters"),
    "apply_relu": Workload((16384,), 1, activation="relu", work="apply"),
    "apply_exp": Workload((16384,), 1, activation="exp", work="apply"),
    "apply_sigmoid": Workload((16384,), 1, activation="sigmoid", work="apply"),
    "apply_tanh": Workload((16384,), 1, activation="tanh", work="apply"),
    "apply_searched": Workload((16384,), 1, activation=SEARCHED, work="apply"),
}


def function_of(text: str, functions: dict):
    """The activation as a function of one array; `functions` maps the language's names to the library's."""
    if text in functions:
        return functions[text]
    return eval(f"lambda x: {text}", dict(functions))  # noqa: S307: our own constant


def make_state(workload: Workload) -> tuple[list[numpy.ndarray], list[tuple[numpy.ndarray, numpy.ndarray]]]:
    """(w0 [in, out], b0 [out], w1, ...; batches of x [batch, in] and y [batch, 1]) as float32; classes are whole numbers."""
    random = numpy.random.RandomState(1)  # its stream is frozen over numpy's versions
    weights = []
    layers = [] if workload.work == "filters" else zip(workload.sizes, workload.sizes[1:])
    for inputs, outputs in layers:
        bound = 1 / math.sqrt(inputs)
        weights.append(random.uniform(-bound, bound, (inputs, outputs)).astype(numpy.float32))
        weights.append(random.uniform(-bound, bound, outputs).astype(numpy.float32))
    batches = []
    for _ in range(BATCHES):
        x = random.standard_normal((workload.batch, workload.inputs())).astype(numpy.float32)
        if workload.loss == "mse":
            y = random.standard_normal((workload.batch, 1)).astype(numpy.float32)
        else:
            y = random.randint(0, workload.sizes[-1], (workload.batch, 1)).astype(numpy.float32)
        batches.append((x, y))
    return weights, batches


def serve(prepare) -> None:
    """The protocol of README.md. `prepare(workload)` returns (compile milliseconds, run(steps), losses(steps)): run does
    that many steps more and returns when they are done; losses does them from the start and returns each step's loss."""
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
