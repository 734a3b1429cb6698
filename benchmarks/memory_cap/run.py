# SPDX-License-Identifier: Apache-2.0
"""Peak memory of whole runs under --memory, by learner and cap, on a table that is drawn here and on pictures.

    ./dev bench memory_cap                                    # or benchmarks/memory_cap/run.sh
    benchmarks/memory_cap/run.sh --learners mlp --caps 180,250 --seconds 10
"""
import argparse
import json
import math
import os
import pathlib
import random
import shutil
import tempfile


def write_table(path, rows, columns):
    """Numbers, a category of 30 levels, and a class that follows from three of the numbers, with noise."""
    draw = random.Random(4)
    pool = [f"{draw.gauss(0, 1):.3f}" for _ in range(2000)]
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join([*(f"c{j}" for j in range(columns)), "k", "y"]) + "\n")
        for _ in range(rows):
            cells = draw.choices(pool, k=columns)
            score = float(cells[0]) + float(cells[1]) * float(cells[2]) + draw.gauss(0, 0.5)
            file.write(",".join(cells) + f",k{draw.randrange(30)},{'yes' if score > 0 else 'no'}\n")


def peak_of(program, words, folder):
    """Megabytes of resident memory at most, and the result (or what was said instead)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.posix_spawn(program, [program, "run", *words, "--out", str(folder / "r"), "--json", "--quiet"],
                               {**os.environ, "NO_COLOR": "1"},
                               file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, err.fileno(), 2)])
        _, status, usage = os.wait4(child, 0)
        out.seek(0)
        err.seek(0)
        text, complaint = out.read().decode(), err.read().decode()
    shutil.rmtree(folder / "r", ignore_errors=True)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(complaint)
    return usage.ru_maxrss / 1024, json.loads(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, help="folder with images/fashion-mnist; without it no pictures")
    parser.add_argument("--learners", default="linear,trees,forest,mlp,open,cnn")
    parser.add_argument("--caps", default="180,250,400")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--columns", type=int, default=28)
    parser.add_argument("--seconds", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_table(folder / "t.csv", arguments.rows, arguments.columns)
        print("| learner | cap, MB | peak, MB | kept | systems | what it said |\n|---|---|---|---|---|---|")
        for learner in arguments.learners.split(","):
            for cap in map(int, arguments.caps.split(",")):
                words = [str(folder / "t.csv"), "--target", "y"]
                if learner == "cnn":
                    if arguments.data is None or cap < 300:
                        continue
                    words = [str(arguments.data / "images" / "fashion-mnist")]
                words += [] if learner == "open" else ["--learner", learner]
                peak, result = peak_of(arguments.program,
                                       [*words, "--time", f"{arguments.seconds}s", "--memory", f"{cap}M"], folder)
                said = "; ".join(text for text in result["warnings"] + result["notes"] if "--memory" in text)
                print(f"| {learner} | {cap} | {math.ceil(peak)} | {'yes' if peak <= cap else '**no**'} | "
                      f"{len(result['leaderboard'])} | {said} |", flush=True)


if __name__ == "__main__":
    main()
