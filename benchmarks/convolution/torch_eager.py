#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""torch_eager.py [--check]: the net of bench_convolution_step in PyTorch, eager, one thread. Needs Debian's python3-torch.

As fast as eager goes: functions without modules, gradients set to None. Protocol as in benchmarks/engine.
"""

import os
import sys
import time

# Before torch loads its BLAS: one thread, and its own choice of kernels and blocking.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import state  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

CHECK_STEPS = 5


def make_trainer(weights, batches):
    """Weights come as ours: filters [kh, kw, c, f], the dense layer's rows in the order of height, width, channel."""
    a, a_bias, b, b_bias, dense, dense_bias = (torch.from_numpy(w.copy()) for w in weights)
    a, b = a.permute(3, 2, 0, 1).contiguous(), b.permute(3, 2, 0, 1).contiguous()
    dense = dense.reshape(7, 7, 32, 10).permute(2, 0, 1, 3).reshape(1568, 10).contiguous()
    parameters = [w.requires_grad_() for w in (a, a_bias, b, b_bias, dense, dense_bias)]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    batches = [(torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(y).long()) for x, y in batches]

    def step(number: int) -> torch.Tensor:
        x, y = batches[number % len(batches)]
        optimizer.zero_grad(set_to_none=True)
        for filters, bias in ((a, a_bias), (b, b_bias)):
            x = functional.max_pool2d(torch.relu(functional.conv2d(x, filters, bias, padding=1)), 2)
        loss = functional.cross_entropy(torch.addmm(dense_bias, x.flatten(1), dense), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def main() -> None:
    torch.set_num_threads(1)
    step = make_trainer(*state.make_state())
    if "--check" in sys.argv:
        for number in range(CHECK_STEPS):
            print(f"loss {step(number).item():.7g}")
        return
    for number in range(20):
        step(number)
    print("compile_ms 0", flush=True)
    while line := sys.stdin.readline():
        steps = int(line)
        begin, begin_cpu = time.perf_counter(), time.process_time()
        for number in range(steps):
            step(number)
        wall, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        print(f"{1e6 * wall / steps:.3f} {1e6 * cpu / steps:.3f}", flush=True)


if __name__ == "__main__":
    main()
