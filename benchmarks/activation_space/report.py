#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report.py OUT [--forms N]: reads the studies that run.sh left in OUT and prints the tables of README.md.

--forms N prints N formulas instead, evenly spread over the ranking of the probes on digits, as a list star.
"""

import argparse
import json
import math
import pathlib
import re
import sqlite3

COMPLETE = 2
BETAS = ("beta", "alpha", "gamma")
UNNAMED = {  # labels of the space that the language has no function for
    "asinh(x)": "where(x<0,-1,1)*log1p(max(-x,x)+x^2/(1+sqrt(x^2+1)))",
    "sinc(x)": "where(x==0,1,sin(x)/where(x==0,1,x))",
}
T_OF_4 = 2.776  # 97.5 % quantile of Student's t for five folds


def text_of(point: dict[str, str]) -> str:
    """The formula of a point: every beta is a number of its own."""
    unused = iter(BETAS)

    def piece(label: str) -> str:
        text = UNNAMED.get(label, label).replace("eps", "1e-7")
        return text.replace("beta", next(unused)) if "beta" in text else text

    left, right = piece(point["activation.u1"]), piece(point["activation.u2"])
    whole = piece(point["activation.b"])
    return whole.replace("x1", f"({left})").replace("x2", f"({right})")


def label_of(point: dict[str, str]) -> str:
    if "activation.b" not in point:
        return point["activation"]
    left, right = point["activation.u1"], point["activation.u2"]
    return point["activation.b"].replace("x1", f"[{left}]").replace("x2", f"[{right}]")


class Study:
    """Trials by the key of their activation, which does not depend on the table."""

    def __init__(self, folder: pathlib.Path) -> None:
        database = sqlite3.connect(f"file:{folder / 'study.db'}?mode=ro", uri=True)
        self.counters = dict(database.execute("select name, value from counters"))
        self.notes = dict(database.execute("select name, value from notes"))
        steps: dict[int, dict[int, float]] = {}
        for trial, step, cost in database.execute("select trial, step, cost from steps"):
            steps.setdefault(trial, {})[step] = cost
        self.trials = {}
        rows = database.execute("select id, key_text, point, state, cost, low, high, seconds, outcome from trials order by id")
        for number, key, point, state, cost, low, high, seconds, outcome in rows:
            place = json.loads(point)
            found = re.search(r"activation=([0-9a-f]+)", key)
            assert found, f"no activation in {key}"
            self.trials[found[1]] = {
                "id": number,
                "point": place,
                "state": state,
                "probe": steps.get(number, {}).get(0),
                "first": steps.get(number, {}).get(1),
                "cost": cost if state == COMPLETE else None,
                "low": low,
                "high": high,
                "seconds": seconds or 0,
                "folds": json.loads(outcome).get("folds") if state == COMPLETE else None,
            }

    def having(self, what: str) -> dict[str, float]:
        return {key: trial[what] for key, trial in self.trials.items() if trial[what] is not None}


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


def spearman(one: dict[str, float], other: dict[str, float]) -> str:
    """Over what both have, with Fisher's 95 % interval."""
    keys = sorted(one.keys() & other.keys())
    if len(keys) < 10:
        return f"only {len(keys)} in common"
    a, b = ranks([one[key] for key in keys]), ranks([other[key] for key in keys])
    mean = (len(keys) - 1) / 2
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    scale = math.sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    rho = covariance / scale
    reach = 1.96 * 1.03 / math.sqrt(len(keys) - 3)
    z = math.atanh(rho)
    return f"{rho:.2f} ({math.tanh(z - reach):.2f} to {math.tanh(z + reach):.2f}), {len(keys)} functions"


def place_of(value: float | None, values: dict[str, float], total: int) -> str:
    if value is None:
        return ""
    rank = 1 + sum(other < value for other in values.values())
    return f"{value:.4f}: {rank} ({100 * rank / total:.1f} %)"


def surely_better(one: list[float], other: list[float]) -> bool:
    """Whether `one` costs less on the same folds, by the corrected resampled t (Nadeau and Bengio 2003)."""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
    return mean + T_OF_4 * math.sqrt(variance * (1 / n + 1 / (n - 1))) < 0


def show_counts(out: pathlib.Path) -> None:
    print("| study | texts | refused | equal to an earlier one | trials | reached a whole fold | trained in whole | s | trials/s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for line in (out / "seconds.tsv").read_text(encoding="utf-8").splitlines():
        name, seconds = line.split("\t")
        study = Study(out / name)
        counts = study.counters
        print(
            f"| `{name}` | {counts.get('proposed', 0):,} | {counts.get('refused', 0):,} | {counts.get('equivalents', 0):,} | "
            f"{len(study.trials):,} | {len(study.having('first')):,} | {len(study.having('cost')):,} | {seconds} | "
            f"{len(study.trials) / float(seconds):.1f} |"
        )


def show_familiar(digits: Study, familiar: Study) -> None:
    probes, firsts, costs = digits.having("probe"), digits.having("first"), digits.having("cost")
    total = len(digits.trials)
    print(f"\nRanks among {total:,} functions; who was stopped earlier counts as worse. Better: of those trained in whole, surely.\n")
    print("| function | in the space | probe | first fold, whole | five folds | surely better |")
    print("|---|---|---|---|---|---|")
    for key, trial in familiar.trials.items():
        folds = trial["folds"]
        better = sum(surely_better(t["folds"], folds) for t in digits.trials.values() if t["folds"]) if folds else ""
        print(
            f"| {label_of(trial['point'])} | {'yes' if key in digits.trials else 'no'} | "
            f"{place_of(trial['probe'], probes, total)} | {place_of(trial['first'], firsts, total)} | "
            f"{place_of(trial['cost'], costs, total)} | {better} |"
        )


def show_best(digits: Study, count: int) -> None:
    probes = digits.having("probe")
    costs = digits.having("cost")
    print(f"\nThe {count} best of {len(costs):,} that were trained in whole:\n")
    print("| | formula | log loss, five folds | first fold | probe: rank | s |")
    print("|---|---|---|---|---|---|")
    for rank, key in enumerate(sorted(costs, key=costs.__getitem__)[:count], 1):
        trial = digits.trials[key]
        at = 1 + sum(other < trial["probe"] for other in probes.values())
        print(
            f"| {rank} | `{label_of(trial['point'])}` | {trial['cost']:.4f} ({trial['low']:.4f} to {trial['high']:.4f}) | "
            f"{trial['first']:.4f} | {at} | {trial['seconds']:.1f} |"
        )


def show_transfer(out: pathlib.Path, digits: Study) -> None:
    forms = {name: Study(out / f"{name}_forms") for name in ("digits", "phoneme", "california")}
    print("\nFrom digits to other tables, Spearman:\n")
    print("| digits and | probes, all functions | forms, probe | forms, first fold | forms, five folds |")
    print("|---|---|---|---|---|")
    cancer = Study(out / "breast_cancer").having("probe")
    some_cancer = spearman(forms["digits"].having("probe"), cancer)
    print(f"| itself, other folds and first weights | {spearman(digits.having('probe'), Study(out / 'digits_again').having('probe'))} | | | |")
    print(f"| breast_cancer | {spearman(digits.having('probe'), cancer)} | {some_cancer} | | |")
    for name in ("phoneme", "california"):
        every = spearman(digits.having("probe"), Study(out / name).having("probe"))
        some = [spearman(forms["digits"].having(what), forms[name].having(what)) for what in ("probe", "first", "cost")]
        print(f"| {name} | {every} | {' | '.join(some)} |")
    print("\nWhat a cheap look says of five folds, on the same table, the forms:\n")
    print("| table | probe | first fold |")
    print("|---|---|---|")
    for name, study in forms.items():
        cost = study.having("cost")
        print(f"| {name} | {spearman(study.having('probe'), cost)} | {spearman(study.having('first'), cost)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--forms", type=int)
    arguments = parser.parse_args()
    digits = Study(arguments.out / "digits")
    if arguments.forms:
        probes = digits.having("probe")
        order = sorted(probes, key=probes.__getitem__)
        places = [round(i * (len(order) - 1) / (arguments.forms - 1)) for i in range(arguments.forms)]
        print(",".join(text_of(digits.trials[order[place]]["point"]) for place in places))
        return
    show_counts(arguments.out)
    for net in ("", "_residual"):
        raced = Study(arguments.out / f"digits{net}")
        show_familiar(raced, Study(arguments.out / f"familiar{net}"))
        show_best(raced, 20)
    show_transfer(arguments.out, digits)


if __name__ == "__main__":
    main()
