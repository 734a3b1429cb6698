#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""torch_rival.py TEXTS [--each N] [--processes N] [--steps N]: how many searched activations a second PyTorch can train.

TEXTS has one activation a line (expressions.py writes it). Each trains an MLP 16-64-64-2, batch 64, Adam, cross-entropy, 500
steps. Eager PyTorch's best use of the cores for such small nets: one process with one thread on each. Only the first N
activations of each process's share are trained; the time for all is extrapolated, and said to be.
"""

import argparse
import ast
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

SIZES, BATCH, BATCHES = (16, 64, 64, 2), 64, 8


def translate(text: str):
    """The activation as a function of a tensor. Equal parts of the text are computed once: torch deserves that."""
    import torch

    functions = {name: getattr(torch, name) for name in ("sin", "cos", "tanh", "sigmoid", "erf", "abs", "exp", "atan")}
    functions["softplus"] = torch.nn.functional.softplus
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
    names, lines = {}, []

    def keep(code: str) -> str:
        if code not in names:
            names[code] = f"t{len(names)}"
            lines.append(f"  {names[code]} = {code}")
        return names[code]

    def visit(node: ast.expr) -> str:
        match node:
            case ast.Name("x"):
                return "x"
            case ast.Constant(value):
                return repr(value)
            case ast.UnaryOp(ast.USub(), ast.Constant(value)):
                return f"(-{value!r})"
            case ast.UnaryOp(ast.USub(), operand):
                return keep(f"-{visit(operand)}")
            case ast.BinOp(left, operator, right):
                return keep(f"{visit(left)} {signs[type(operator)]} {visit(right)}")
            case ast.Call(ast.Name(("max" | "min") as name), [operand, ast.Constant(bound)]):
                bound_name = "min" if name == "max" else "max"  # max(x, 0) clamps from below
                return keep(f"clamp({visit(operand)}, {bound_name}={bound})")
            case ast.Call(ast.Name(("max" | "min") as name), [left, right]):
                return keep(f"{name}imum({visit(left)}, {visit(right)})")
            case ast.Call(ast.Name(name), [operand]) if name in functions:
                return keep(f"{name}({visit(operand)})")
        raise ValueError(f"{text}: what is {ast.dump(node)}?")

    result = visit(ast.parse(text, mode="eval").body)
    space = dict(functions, clamp=torch.clamp, maximum=torch.maximum, minimum=torch.minimum)
    exec("def activation(x):\n" + "\n".join(lines) + f"\n  return {result}\n", space)  # noqa: S102: from our own tree
    return space["activation"]


def train(activation, weights, batches, steps: int) -> float:
    """The last loss."""
    import torch

    weights = [weight.clone().requires_grad_() for weight in weights]
    optimizer = torch.optim.Adam(weights, lr=1e-3)
    for number in range(steps):
        x, y = batches[number % BATCHES]
        optimizer.zero_grad(set_to_none=True)
        for layer in range(0, len(weights), 2):
            x = torch.addmm(weights[layer + 1], x, weights[layer])
            if layer + 2 < len(weights):
                x = activation(x)
        loss = torch.nn.functional.cross_entropy(x, y)
        loss.backward()
        optimizer.step()
    return loss.item()


def work(texts: list[str], steps: int, core: int) -> None:
    """One process's share: waits for a line on stdin, then prints seconds (clock and processor) per activation."""
    import torch

    os.sched_setaffinity(0, {core})
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(1)
    weights = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        weights += [(2 * torch.rand(shape, generator=random) - 1) / inputs**0.5 for shape in ((inputs, outputs), (outputs,))]
    batches = [
        (torch.randn(BATCH, SIZES[0], generator=random), torch.randint(0, SIZES[-1], (BATCH,), generator=random))
        for _ in range(BATCHES)
    ]
    train(torch.relu, weights, batches, 20)
    print("ready", flush=True)
    sys.stdin.readline()
    for text in texts:
        begin, begin_cpu = time.perf_counter(), time.process_time()
        loss = train(translate(text), weights, batches, steps)
        print(f"{time.perf_counter() - begin:.4f} {time.process_time() - begin_cpu:.4f} {loss:.4g} {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--each", type=int, default=40, help="activations that each process really trains")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)  # we are the process of that number
    options = parser.parse_args()
    texts = options.texts.read_text(encoding="ascii").split()
    if options.share is not None:
        cores = sorted(os.sched_getaffinity(0))
        mine = texts[options.share :: options.processes][: options.each]
        work(mine, options.steps, cores[options.share % len(cores)])
        return

    command = [sys.executable, *sys.argv, "--share"]
    children = [
        subprocess.Popen([*command, str(share)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for share in range(options.processes)
    ]
    for child in children:
        child.stdout.readline()  # ready
    begin = time.perf_counter()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    lines = [line.split() for child in children for line in child.communicate()[0].splitlines()]
    seconds = time.perf_counter() - begin
    if any(child.returncode for child in children):
        sys.exit("a process failed")
    per_step = [1e6 * float(line[1]) / options.steps for line in lines]
    print(f"trained {len(lines)} of {len(texts)} activations, {options.steps} steps each, {options.processes} processes of a thread")
    print(f"wall      {seconds:.2f} s, {len(lines) / seconds:.2f} activations a second")
    print(f"processor {statistics.median(per_step):.0f} us a step in the median, {statistics.mean(per_step):.0f} in the mean")
    undisturbed = options.processes * 1e6 / (statistics.mean(per_step) * options.steps)
    print(f"          {undisturbed:.2f} activations a second, had nothing else run")
    print(f"extrapolated to {len(texts)}: {seconds * len(texts) / len(lines):.0f} s ({len(texts) / undisturbed:.0f} s had nothing else run)")


if __name__ == "__main__":
    main()
