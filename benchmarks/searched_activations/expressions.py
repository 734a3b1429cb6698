# SPDX-License-Identifier: Apache-2.0
"""expressions.py COUNT FILE [SEED]: writes distinct searched activations, one text a line, in the engine's language.

The same seed gives the same file everywhere. The space: `x` through one or two "core units", each a binary operation
(+ - * max min) on two unary functions, as in Ramachandran et al., "Searching for activation functions", 2017.
"""

import math
import random
import sys

# {0} is what the function is of; every text that comes out of here is an operand as it stands.
UNARY = ["{0}", "exp(-{0}*{0})", "sin({0})", "cos({0})", "tanh({0})", "sigmoid({0})", "erf({0})", "abs({0})", "max({0},0)",
         "min({0},0)", "({0}*{0})", "softplus({0})", "atan({0})", "({1}*{0})"]  # fmt: skip
BINARY = ["({0}+{1})", "({0}*{1})", "({0}-{1})", "max({0},{1})", "min({0},{1})"]

PROBES = [i / 4 for i in range(-20, 21)]
FUNCTIONS = {
    "exp": lambda v: math.exp(v) if v < 700 else math.inf,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)) if v > -700 else 0.0,
    "erf": math.erf,
    "abs": abs,
    "max": max,
    "min": min,
    "softplus": lambda v: max(v, 0.0) + math.log1p(math.exp(-abs(v))),
    "atan": math.atan,
}


def unary(draw: random.Random, operand: str) -> str:
    return draw.choice(UNARY).format(operand, round(draw.uniform(-2, 2), 2))


def core_unit(draw: random.Random, left: str, right: str) -> str:
    return draw.choice(BINARY).format(unary(draw, left), unary(draw, right))


def make_text(draw: random.Random) -> str:
    text = core_unit(draw, "x", "x")
    if draw.random() < 0.5:
        text = core_unit(draw, text, "x")
    return text


def behaviour(text: str) -> tuple[float, ...] | None:
    """Its values at the probes, rounded; None where it is no use as an activation."""
    rule = eval(f"lambda x: {text}", dict(FUNCTIONS))  # noqa: S307: a text of ours
    try:
        values = [rule(probe) for probe in PROBES]
    except (OverflowError, ValueError):
        return None
    if not all(abs(value) < 1e4 for value in values) or max(values) - min(values) < 0.1:
        return None
    return tuple(float(f"{value:.6g}") for value in values)


def make_texts(count: int, seed: int = 1) -> list[str]:
    """No two of them are the same function on the probes."""
    draw = random.Random(seed)
    texts, seen = [], set()
    while len(texts) < count:
        text = make_text(draw)
        values = behaviour(text)
        if values is not None and values not in seen:
            seen.add(values)
            texts.append(text)
    return texts


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in make_texts(int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1))
