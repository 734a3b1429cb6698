#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""torch_eager.py WORKLOAD [ROUNDS] [--check] [--foreach]: PyTorch, eager, one thread. Needs Debian's python3-torch.

As fast as eager goes: addmm on [in, out] weights without modules, gradients set to None. --foreach: Adam over lists of tensors.
"""

import os
import sys

# Before torch loads its BLAS: one thread, and its own choice of kernels and blocking.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import torch  # noqa: E402
import workloads  # noqa: E402

FOREACH = "--foreach" in sys.argv
sys.argv = [argument for argument in sys.argv if argument != "--foreach"]


def make_activation(text: str):
    if text == "relu":
        return torch.relu
    names = {"sigmoid": torch.sigmoid, "sin": torch.sin, "tanh": torch.tanh, "exp": torch.exp}
    return eval(f"lambda x: {text}", names)  # noqa: S307: our own constant


def prepare(workload: workloads.Workload):
    torch.set_num_threads(1)
    activation = make_activation(workload.activation)
    arrays, batches = workloads.make_state(workload)
    batches = [
        (torch.from_numpy(x), torch.from_numpy(y) if workload.loss == "mse" else torch.from_numpy(y[:, 0]).long())
        for x, y in batches
    ]
    loss_of = torch.nn.functional.mse_loss if workload.loss == "mse" else torch.nn.functional.cross_entropy
    layers = len(arrays) // 2

    def make_trainer():
        weights = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
        optimizer = torch.optim.Adam(
            weights,
            lr=workloads.LEARNING_RATE,
            betas=(workloads.BETA1, workloads.BETA2),
            eps=workloads.EPS,
            foreach=FOREACH,
        )

        def step(number: int) -> torch.Tensor:
            x, y = batches[number % workloads.BATCHES]
            optimizer.zero_grad(set_to_none=True)
            for layer in range(layers):
                x = torch.addmm(weights[2 * layer + 1], x, weights[2 * layer])
                if layer + 1 < layers:
                    x = activation(x)
            loss = loss_of(x, y)
            loss.backward()
            optimizer.step()
            return loss

        return step

    trained = make_trainer()

    def run(steps: int) -> None:
        for number in range(steps):
            trained(number)

    def losses(steps: int) -> list[float]:
        fresh = make_trainer()
        return [fresh(number).item() for number in range(steps)]

    return 0.0, run, losses


if __name__ == "__main__":
    workloads.serve(prepare)
