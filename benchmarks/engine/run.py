#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the table of README.md: equal losses first, then times in turns, with whoever is there.

    run.py [--build DIR] [--rounds 15] [--clock cpu] [--parts steps,clip,filters,apply,gemm] [--workloads tab,mid] [--jax-here]

PyTorch is Debian's python3-torch under /usr/bin/python3. jax is taken from the Python that runs this, or with --jax-here
installed into build/rivals. Who is missing is named and left out.
"""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys

import compare

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STEPS = ["tab_sgd", "tab", "wide", "mid", "mid_searched", "fashion"]
FILTERS = ["filters_early", "filters_late"]
APPLY = ["apply_relu", "apply_exp", "apply_sigmoid", "apply_tanh", "apply_searched"]
RIVALS = ROOT / "build" / "rivals"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def has(python: str, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def python_with_jax(install: bool) -> str | None:
    own = RIVALS / "bin" / "python"
    for python in (sys.executable, str(ROOT / ".venv/bin/python"), str(own)):
        if os.access(python, os.X_OK) and has(python, "jax"):
            return python
    if not install:
        return None
    pins = [line.split()[0] for line in (ROOT / "tools/requirements-rivals.txt").read_text().splitlines() if line.startswith("jax")]
    subprocess.run([sys.executable, "-m", "venv", str(RIVALS)], check=True)
    subprocess.run([str(own), "-m", "pip", "install", "--quiet", *pins], check=True)
    return str(own)


class Field:
    """Who is there, and how each is called for a workload."""

    def __init__(self, build: pathlib.Path, install_jax: bool):
        self.ours = str(build / "bin" / "bench_engine")
        self.torch = f"/usr/bin/python3 {HERE}/torch_eager.py" if has("/usr/bin/python3", "torch") else None
        jax = python_with_jax(install_jax)
        self.jax = f"{jax} {HERE}/jax_jit.py" if jax else None
        if not self.torch:
            say("torch is missing and left out: apt-get install python3-torch")
        if not self.jax:
            say("jax is missing and left out: run with --jax-here, or ./dev bench engine")

    def contestants(self, part: str) -> dict[str, list[str]]:
        named = {"astrolabe": self.ours}
        if part in ("clip", "filters"):
            named["astrolabe, plain"] = f"{self.ours} --plain"
        if self.torch and part != "filters":
            named["torch"] = self.torch
            if part == "clip":
                named["torch, plain"] = f"{self.torch} --plain"
                named["torch, row by row"] = f"{self.torch} --loop"
        if self.jax:
            named["jax.jit"] = self.jax
            if part in ("clip", "filters"):
                named["jax.jit, plain"] = f"{self.jax} --plain"
            if part == "steps":
                named["jax.jit, loop"] = f"{self.jax} --loop"
        return {name: shlex.split(command) for name, command in named.items()}


def race(workload: str, contestants: dict[str, list[str]], options: argparse.Namespace) -> None:
    clipped = {name: command for name, command in contestants.items() if not name.endswith("plain")}
    compare.check(workload, clipped)
    plain = {name: command for name, command in contestants.items() if name.endswith("plain")}
    if plain:
        compare.check(workload, plain)
    for row in compare.time_workload(workload, contestants, options):
        print(f"| {' | '.join(row)} |", flush=True)


def products(build: pathlib.Path, rounds: int) -> None:
    program = build / "bin" / "astrolabe_bench_gemm"
    if not program.exists():
        say("benchmarks/gemm is not built and left out: apt-get install libopenblas-dev libdnnl-dev, and configure again")
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for group in ("square", "layer"):
        subprocess.run([str(program), "--rounds", str(rounds), "--only", group], env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(os.environ.get("ASTROLABE_BUILD", ROOT / "build/release")))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--slice", type=float, default=0.05, help="seconds of work per contestant and round")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--clock", choices=["wall", "cpu"], default="cpu")
    parser.add_argument("--parts", default="steps,clip,filters,apply,gemm")
    parser.add_argument("--workloads", help="only these")
    parser.add_argument("--jax-here", action="store_true", help="install jax into build/rivals where it is missing")
    options = parser.parse_args()
    for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS"):
        os.environ.pop(variable, None)  # they would decide which kernels the rivals run
    field = Field(options.build, options.jax_here)
    parts = {"steps": STEPS, "clip": ["clip"], "filters": FILTERS, "apply": APPLY}
    print("| workload | contestant | us a step, median | fastest | times the time of astrolabe, 95 % | compile, ms |")
    print("|---|---|---|---|---|---|")
    for part in options.parts.split(","):
        for workload in parts.get(part, []):
            if not options.workloads or workload in options.workloads.split(","):
                race(workload, field.contestants(part), options)
    load = os.getloadavg()
    print(f"\n{options.rounds} rounds on core {options.core}, {options.clock} time, load {load[0]:.1f} to {load[1]:.1f}\n")
    if "gemm" in options.parts.split(","):
        products(options.build, options.rounds)


if __name__ == "__main__":
    main()
