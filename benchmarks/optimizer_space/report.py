#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report.py OUT: reads what run.sh left in OUT and prints the tables of README.md."""

import argparse
import pathlib
import re
from collections import Counter

from duel import CANDIDATES, DECAYS, FINALISTS, RATES, RIVALS, SEEDS, TABLES, tuned_order
from studies import Study, Trial, best_of, paired, spearman

BEST = 20
FAMILIAR = {  # label -> formula, raced like the space: no learning rate is set
    "sgd": "lr*g",
    "momentum": "lr*ema(g,0.9)",
    "nesterov (*)": "lr*(g+0.9*trace(g,0.9))",
    "adam": "lr*(ema(g,0.9)/(1-0.9^k)/(sqrt(ema(g^2,0.999)/(1-0.999^k))+1e-8))",
    "adamw, decay 0.01: adam+1e-2*w": "lr*(ema(g,0.9)/(1-0.9^k)/(sqrt(ema(g^2,0.999)/(1-0.999^k))+1e-8)+1e-2*w)",
    "adamw, decay 0.1: adam+1e-1*w": "lr*(ema(g,0.9)/(1-0.9^k)/(sqrt(ema(g^2,0.999)/(1-0.999^k))+1e-8)+1e-1*w)",
    "rmsprop": "lr*g/(sqrt(ema(g^2,0.99))+1e-8)",
    "rmsprop+1e-1*w": "lr*(g/(sqrt(ema(g^2,0.99))+1e-8)+1e-1*w)",
    "adagrad (*)": "lr*g/(sqrt(sum(g*g))+1e-10)",
    "sign(g)": "lr*sign(g)",
    "sign(m)": "lr*sign(ema(g,0.9))",
    "addsign (*)": "lr*(1+sign(g)*sign(ema(g,0.9)))*g",
    "powersign (*)": "lr*exp(sign(g)*sign(ema(g,0.9)))*g",
    "sign(g)+sign(m)": "lr*(sign(g)+sign(ema(g,0.9)))",
    "exp(sign(g))*m": "lr*exp(sign(g))*ema(g,0.9)",
    "exp(adam)*g": "lr*exp(ema(g,0.9)/(1-0.9^k)/(sqrt(ema(g^2,0.999)/(1-0.999^k))+1e-8))*g",
}


def show_counts(race: Study) -> None:
    count = race.counters
    print("| texts | refused | equal to an earlier one | trials | failed | first fold in whole | five folds | s |")
    print("|---|---|---|---|---|---|---|---|")
    texts = count.get("proposed", 0) - count.get("duplicates", 0)
    cells = [texts, count.get("refused", 0), count.get("equivalents", 0), len(race.trials), race.failed]
    cells += [sum(trial.first is not None for trial in race.trials), len(race.complete())]
    print(f"| {' | '.join(f'{cell:,}' for cell in cells)} | {float(race.notes.get('seconds_used', 0)):.0f} |")


def show_looks(race: Study) -> None:
    probed = [(t.probe, t.first) for t in race.trials if t.probe is not None and t.first is not None]
    whole = race.complete()
    print("\n| rank correlation | |\n|---|---|")
    print(f"| probe and first fold in whole | {spearman(probed)} |")
    print(f"| probe and five folds | {spearman([(t.probe, t.cost) for t in whole if t.probe is not None])} |")
    print(f"| first fold and five folds | {spearman([(t.first, t.cost) for t in whole])} |")


def place_of(value: float | None, others: list[float], total: int) -> str:
    if value is None:
        return ""
    rank = 1 + sum(other < value for other in others)
    return f"{value:.4f}: {rank:,} ({100 * rank / total:.1f} %)"


def show_familiar(race: Study, familiar: Study) -> None:
    total = len(race.trials)
    probes, firsts, costs = ([value for t in race.trials if (value := getattr(t, what)) is not None] for what in ("probe", "first", "cost"))
    names = {formula: name for name, formula in FAMILIAR.items()}
    print(f"\nRanks among {total:,} functions; who was stopped earlier counts as worse. (*) not in the space.\n")
    print("| | probe | first fold, whole | five folds | surely better |")
    print("|---|---|---|---|---|")
    for trial in familiar.trials:
        better = ""
        if trial.folds:
            differences = (paired(t.folds, trial.folds) for t in race.complete())
            better = str(sum(mean + reach < 0 for mean, reach in differences))
        name = names.get(trial.point.get("optimizer", ""), trial.point.get("optimizer", ""))
        cells = [place_of(trial.probe, probes, total), place_of(trial.first, firsts, total), place_of(trial.cost, costs, total)]
        print(f"| `{name}` | {' | '.join(cells)} | {better} |")


def show_best(race: Study) -> None:
    probes = [t.probe for t in race.trials if t.probe is not None]
    print(f"\nThe {BEST} best of {len(race.complete()):,} that were trained in whole:\n")
    print("| | step, times lr | log loss, five folds | probe: rank | epochs |")
    print("|---|---|---|---|---|")
    for rank, trial in enumerate(race.best(BEST), 1):
        at = 1 + sum(other < trial.probe for other in probes)
        epochs = re.search(r"(\d+) of \d+ epochs", trial.summary)
        print(f"| {rank} | `{trial.label}` | {interval(trial)} | {at:,} | {epochs[1] if epochs else ''} |")


def interval(trial: Trial) -> str:
    return f"{trial.cost:.4f} ({trial.low:.4f} to {trial.high:.4f})"


def pieces(trial: Trial) -> set[str]:
    """Operands and functions; the second side counts only where it is used."""
    if "optimizer.b" not in trial.point:
        return set()
    sides = ("1",) if trial.point["optimizer.b"] == "x" else ("1", "2")
    found = {trial.point[f"optimizer.op{side}"] for side in sides} | {trial.point["optimizer.b"] + " of both"}
    return found | {trial.point[f"optimizer.u{side}"] for side in sides} - {"x"}


def show_pieces(race: Study) -> None:
    top = race.best(max(1, len(race.trials) // 100))
    every = Counter(piece for trial in race.trials for piece in pieces(trial))
    best = Counter(piece for trial in top for piece in pieces(trial))
    print(f"\nWhat the best 1 % ({len(top)}) are made of, beside all {len(race.trials):,}:\n")
    print("| piece | of the best | of all |\n|---|---|---|")
    for piece, count in best.most_common(12):
        print(f"| `{piece}` | {100 * count / len(top):.0f} % | {100 * every[piece] / len(race.trials):.0f} % |")


def show_tuned(out: pathlib.Path, race: Study) -> dict[str, str]:
    """Returns label by name of candidate."""
    labels = {}
    print(f"\nThe {FINALISTS} best of the race and the rivals, other folds and first weights, eight rates each, no weight decay;")
    print(f"the {CANDIDATES} best of the race go on:\n")
    print("| | | place in the race | log loss there | best rate: log loss | rate | next rate: log loss |")
    print("|---|---|---|---|---|---|---|")
    finalists = race.best(FINALISTS)
    for rank, name in enumerate(tuned_order(out), 1):
        first, *others = Study(out / "tuned" / name).complete()
        rest = f"{others[0].cost:.4f} at {others[0].point['learning_rate']}" if others else ""
        cells = f"{interval(first)} | {first.point['learning_rate']} | {rest}"
        if name in RIVALS:
            print(f"| {rank} | **{name}** | | | {cells} |")
            continue
        trial = finalists[int(name) - 1]
        if len(labels) < CANDIDATES:
            labels[f"candidate_{len(labels) + 1:02}"] = trial.label
        print(f"| {rank} | `{trial.label}` | {int(name)} | {trial.cost:.4f} | {cells} |")
    return labels


def judged(out: pathlib.Path, table: str, name: str) -> list[float]:
    """Fold after fold, seed after seed."""
    return [fold for seed in SEEDS for fold in best_of(Study(out / "judge" / table / name / str(seed))).folds]


def is_judged(out: pathlib.Path, name: str) -> bool:
    return all((out / "judge" / table / name / str(seed) / "report.html").exists() for table in TABLES for seed in SEEDS)


def show_duel(out: pathlib.Path, labels: dict[str, str]) -> None:
    names = [name for name in (*labels, *RIVALS) if is_judged(out, name)]
    folds = {table: {name: judged(out, table, name) for name in names} for table in TABLES}
    means = {table: {name: sum(values) / len(values) for name, values in folds[table].items()} for table in TABLES}
    places = {name: sum(sorted(means[table].values()).index(means[table][name]) + 1 for table in TABLES) / len(TABLES) for name in names}
    runs = f"{len(RATES.split(','))} rates times {len(DECAYS.split(','))} weight decays"
    print(f"\n{runs} on one half, judged by {5 * len(SEEDS)} folds of the other; bold: surely other than AdamW.\n")
    print(f"| | mean place |{''.join(f' {table}: rate, decay | judged | less AdamW |' for table in TABLES)}")
    print("|---|---|" + "---|---|---|" * len(TABLES))
    sure = Counter()
    for name in sorted(names, key=lambda name: places[name]):
        cells = [f"`{labels[name]}` ({int(name[-2:])})" if name in labels else name, f"{places[name]:.1f}"]
        for table in TABLES:
            point = best_of(Study(out / "select" / table / name)).point
            mean, reach = paired(folds[table][name], folds[table]["adamw"])
            gap = "" if name == "adamw" else f"{mean:+.4f} ± {reach:.4f}"
            is_sure = name != "adamw" and abs(mean) > reach
            if name in labels:
                sure["better" if is_sure and mean < 0 else "worse" if is_sure else "neither"] += 1
            cells += [f"{point['learning_rate']}, {point['weight_decay']}", f"{means[table][name]:.4f}", f"**{gap}**" if is_sure else gap]
        print(f"| {' | '.join(cells)} |")
    print(f"\nThe candidates against AdamW, all tables: {', '.join(f'{count} {what}' for what, count in sure.most_common())}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path, nargs="?")
    parser.add_argument("--familiar", action="store_true", help="only print the familiar formulas, as a list star")
    arguments = parser.parse_args()
    if arguments.familiar:
        print(",".join(FAMILIAR.values()))
        return
    if arguments.out is None:
        parser.error("OUT is missing")
    out = arguments.out
    race = Study(out / "digits")
    show_counts(race)
    show_looks(race)
    if (out / "familiar" / "report.html").exists():
        show_familiar(race, Study(out / "familiar"))
    show_best(race)
    show_pieces(race)
    if (out / "tuned").exists():
        show_duel(out, show_tuned(out, race))


if __name__ == "__main__":
    main()
