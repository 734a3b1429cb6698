# SPDX-License-Identifier: Apache-2.0
"""What a run left in its folder: the trials of its study, and statistics over them.

    race = Study(pathlib.Path("out/digits"))
    race.best(20)[0].label          # "sign(m) + 1e-2*w"
    paired(one.folds, other.folds)  # mean difference and half its 95 % interval
"""

import dataclasses
import json
import math
import pathlib
import re
import sqlite3

COMPLETE, FAILED = 2, 4
PREFIX = "optimizer."


def filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\b[xy]\b", lambda match: values[match[0]], text)


@dataclasses.dataclass
class Trial:
    number: int
    point: dict[str, str]
    key: str  # of the function that the optimizer computes; empty where it was not searched
    probe: float | None
    first: float | None  # the first fold, in whole
    cost: float | None  # five folds; None where it was stopped before
    low: float | None
    high: float | None
    folds: list[float] | None
    formula: str  # in the language; empty where it was stopped
    summary: str

    @property
    def label(self) -> str:
        """In the words of the paper."""
        if PREFIX + "b" not in self.point:
            return self.point.get("optimizer", "")
        sides = [filled(self.point[PREFIX + u], {"x": self.point[PREFIX + op]}) for u, op in (("u1", "op1"), ("u2", "op2"))]
        binary = self.point[PREFIX + "b"]
        if binary == "x":
            return sides[0]
        inner = [f"({side})" if side.startswith("-") or ("^" in binary and not side.isalnum()) else side for side in sides]
        return filled(binary, dict(zip("xy", inner, strict=True)))


class Study:
    def __init__(self, folder: pathlib.Path) -> None:
        database = sqlite3.connect(f"file:{folder / 'study.db'}?mode=ro", uri=True)
        self.counters = dict(database.execute("select name, value from counters"))
        self.notes = dict(database.execute("select name, value from notes"))
        self.failed = database.execute("select count(*) from trials where state = ?", [FAILED]).fetchone()[0]
        steps: dict[int, dict[int, float]] = {}
        for trial, step, cost in database.execute("select trial, step, cost from steps where step < 2"):
            steps.setdefault(trial, {})[step] = cost
        self.trials = []
        for number, key, point, state, cost, low, high, outcome in database.execute(
            "select id, key_text, point, state, cost, low, high, outcome from trials order by id"
        ):
            found = re.search(r"optimizer=([0-9a-f]{16})", key)
            about = json.loads(outcome) if state == COMPLETE else {}
            formula = next(iter(about.get("formulas", {}).values()), "")
            self.trials.append(
                Trial(
                    number=number,
                    point=json.loads(point),
                    key=found[1] if found else "",
                    probe=steps.get(number, {}).get(0),
                    first=steps.get(number, {}).get(1),
                    cost=cost if state == COMPLETE else None,
                    low=low,
                    high=high,
                    folds=about.get("folds"),
                    formula=formula,
                    summary=about.get("summary", ""),
                )
            )

    def complete(self) -> list[Trial]:
        """Trained in whole, the best first."""
        return sorted((trial for trial in self.trials if trial.cost is not None), key=lambda trial: trial.cost)

    def best(self, count: int) -> list[Trial]:
        return self.complete()[:count]


def best_of(study: Study) -> Trial:
    best = study.best(1)
    assert best, "every trial failed"
    return best[0]


def ranks(values: list[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            result[place] = (start + end - 1) / 2
        start = end
    return result


def spearman(pairs: list[tuple[float, float]]) -> str:
    """With Fisher's 95 % interval."""
    if len(pairs) < 10:
        return f"only {len(pairs)} pairs"
    a, b = ranks([one for one, _ in pairs]), ranks([other for _, other in pairs])
    mean = (len(pairs) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    rho = covariance / math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    reach = 1.96 * 1.03 / math.sqrt(len(pairs) - 3)
    z = math.atanh(max(-0.999999, min(0.999999, rho)))
    return f"{rho:.2f} ({math.tanh(z - reach):.2f} to {math.tanh(z + reach):.2f}), {len(pairs):,} functions"


# 97.5 % quantiles of Student's t by degrees of freedom.
T = {4: 2.776, 9: 2.262, 14: 2.145, 19: 2.093}


def paired(one: list[float], other: list[float]) -> tuple[float, float]:
    """Mean difference over equal folds, and half its 95 % interval: the corrected resampled t (Nadeau and Bengio 2003)."""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    return mean, T[n - 1] * math.sqrt(variance * (1 / n + 1 / 4))
