#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""torch_eager.py WORKLOAD [ROUNDS] [--check] [--foreach] [--plain] [--loop]: PyTorch, eager, one thread.

Needs Debian's python3-torch. As fast as eager goes: addmm on [in, out] weights without modules, gradients set to None.
--foreach: Adam over lists of tensors. Of the workload clip: by ghost norms and book-keeping, written by hand; --plain: the
batch's gradient; --loop: one backward pass per row.
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

FLAGS = {flag for flag in ("--foreach", "--plain", "--loop") if flag in sys.argv}
sys.argv = [argument for argument in sys.argv if argument not in FLAGS]
FUNCTIONS = {name: getattr(torch, name) for name in ("relu", "sigmoid", "sin", "tanh", "exp")}


def make_forward(workload: workloads.Workload, weights: list):
    """x to z, and on the way each layer's input and raw output, for clipping."""
    activation = workloads.function_of(workload.activation, FUNCTIONS)

    def forward(x, seen=None):
        for layer in range(0, len(weights), 2):
            raw = torch.addmm(weights[layer + 1], x, weights[layer])
            if seen is not None:
                raw.retain_grad()
                seen.append((x, raw))
            x = activation(raw) if layer + 2 < len(weights) else raw
        return x

    return forward


def make_trainer(workload: workloads.Workload, arrays: list, batches: list):
    """step(number) -> loss: a whole step of training."""
    loss_of = torch.nn.functional.mse_loss if workload.loss == "mse" else torch.nn.functional.cross_entropy
    weights = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
    forward = make_forward(workload, weights)
    if workload.optimizer == "sgd":
        optimizer = torch.optim.SGD(weights, lr=workloads.SGD_RATE)
    else:
        betas = (workloads.BETA1, workloads.BETA2)
        optimizer = torch.optim.Adam(
            weights, lr=workloads.LEARNING_RATE, betas=betas, eps=workloads.EPS, foreach="--foreach" in FLAGS
        )

    def step(number: int) -> torch.Tensor:
        x, y = batches[number % workloads.BATCHES]
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(forward(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def ghost(forward, x, y) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The mean of the rows' clipped gradients: norms from |a|^2 |b|^2, sums as a^T (c b)."""
    seen = []
    loss = torch.nn.functional.cross_entropy(forward(x, seen), y, reduction="sum")
    slopes = torch.autograd.grad(loss, [raw for _, raw in seen])
    with torch.no_grad():
        squares = sum((b * b).sum(1) * ((a * a).sum(1) + 1) for (a, _), b in zip(seen, slopes))
        scale = (workloads.ROW_CLIP / squares.sqrt().clamp(min=workloads.ROW_CLIP) / len(x)).unsqueeze(1)
        gradients = []
        for (a, _), b in zip(seen, slopes):
            b = b * scale
            gradients += [a.t() @ b, b.sum(0)]
    return loss / len(x), gradients


def row_loop(forward, weights, x, y) -> tuple[torch.Tensor, list[torch.Tensor]]:
    total = [torch.zeros_like(weight) for weight in weights]
    losses = 0
    for row in range(len(x)):
        loss = torch.nn.functional.cross_entropy(forward(x[row : row + 1]), y[row : row + 1])
        gradients = torch.autograd.grad(loss, weights)
        norm = torch.sqrt(sum((g * g).sum() for g in gradients))
        for sum_, g in zip(total, gradients):
            sum_ += g * (workloads.ROW_CLIP / norm.clamp(min=workloads.ROW_CLIP))
        losses += loss.detach()
    return losses / len(x), [sum_ / len(x) for sum_ in total]


def make_clipper(workload: workloads.Workload, arrays: list, batches: list):
    """step(number, moves) -> loss: the gradient of a batch; the weights move by it only when told."""
    weights = [torch.from_numpy(array.copy()).requires_grad_() for array in arrays]
    forward = make_forward(workload, weights)

    def step(number: int, moves: bool = False) -> torch.Tensor:
        x, y = batches[number % workloads.BATCHES]
        if "--plain" in FLAGS:
            loss = torch.nn.functional.cross_entropy(forward(x), y)
            gradients = torch.autograd.grad(loss, weights)
        elif "--loop" in FLAGS:
            loss, gradients = row_loop(forward, weights, x, y)
        else:
            loss, gradients = ghost(forward, x, y)
        if moves:
            with torch.no_grad():
                for weight, g in zip(weights, gradients):
                    weight -= workloads.CLIP_RATE * g
        return loss

    return step


def prepare(workload: workloads.Workload):
    torch.set_num_threads(1)
    arrays, pairs = workloads.make_state(workload)
    batches = [
        (torch.from_numpy(x), torch.from_numpy(y) if workload.loss == "mse" else torch.from_numpy(y[:, 0]).long())
        for x, y in pairs
    ]
    if workload.work == "apply":
        function = workloads.function_of(workload.activation, FUNCTIONS)
        flat = [x.reshape(-1) for x, _ in batches]

        def apply(steps: int) -> None:
            with torch.no_grad():
                for number in range(steps):
                    function(flat[number % workloads.BATCHES])

        means = lambda steps: [function(flat[i % workloads.BATCHES]).double().mean().item() for i in range(steps)]  # noqa: E731
        return 0.0, apply, means

    make = make_clipper if workload.work == "clip" else make_trainer
    step = make(workload, arrays, batches)

    def run(steps: int) -> None:
        for number in range(steps):
            step(number)

    def losses(steps: int) -> list[float]:
        fresh = make(workload, arrays, batches)
        return [fresh(number, *([True] if workload.work == "clip" else [])).item() for number in range(steps)]

    return 0.0, run, losses


if __name__ == "__main__":
    workloads.serve(prepare)
