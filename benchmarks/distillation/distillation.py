# SPDX-License-Identifier: Apache-2.0
"""distillation.py PROGRAM SEEDS: errors of a small net on MNIST digits, taught and not.

Digits are pooled to 14 x 14 (means of 2 x 2 pixels, whole numbers), so that a table of them is small. The teacher is trained on its own
rows, the student on others, few of them, once with their labels alone and once with what the teacher says of the same rows beside. Both
students have the same seed, folds and settings. Errors are counted on rows of the set's own test part, which nobody trained on.
"""

import csv
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

TEACHER_ROWS, TEST_ROWS = 5_000, 5_000
STUDENT_ROWS = (300, 1_000)
TEACHER, STUDENT = "128-128", "32"
LOSSES = {"labels": [], "T=2, a=0.7": ["--loss", "distill(../teacher, 2, 0.7)"], "T=4, a=0.7": ["--loss", "distill(../teacher, 4, 0.7)"],
          "T=8, a=0.9": ["--loss", "distill(../teacher, 8, 0.9)"]}


def read(part):
    folder = pathlib.Path(os.environ["ASTROLABE_DATA"]) / "images" / "mnist"
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        pixels = file.read()[16:]
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        return pixels, file.read()[8:]


def pooled(pixels, index):
    image = pixels[index * 784:(index + 1) * 784]
    return [(image[i] + image[i + 1] + image[i + 28] + image[i + 29]) // 4
            for r in range(14) for i in range(r * 56, r * 56 + 28, 2)]


def write(path, pixels, labels, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"p{i}" for i in range(196)), "digit"])
        for index in rows:
            writer.writerow([*pooled(pixels, index), f"d{labels[index]}"])


def call(program, folder, *arguments):
    done = subprocess.run([program, *arguments, "--quiet"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def errors(program, folder, model, truth):
    lines = call(program, folder, "predict", model, "../test.csv").splitlines()
    said = [row["prediction"] for row in csv.DictReader(lines)]
    return sum(a != b for a, b in zip(said, truth, strict=True))


def main():
    program, seeds = str(pathlib.Path(sys.argv[1]).resolve()), int(sys.argv[2])
    pixels, labels = read("train")
    test_pixels, test_labels = read("t10k")
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        truth = [f"d{label}" for label in test_labels[:TEST_ROWS]]
        write(place / "test.csv", test_pixels, test_labels, range(TEST_ROWS))
        write(place / "teacher.csv", pixels, labels, range(TEACHER_ROWS))
        call(program, place, "run", "teacher.csv", "--target", "digit", "--learner", "mlp", "--architecture", TEACHER, "--mlp-epochs",
             "30", "--trials", "1", "--out", "teacher")
        (place / "x").mkdir()
        print(f"Teacher {TEACHER}, {TEACHER_ROWS} rows: {errors(program, place / 'x', '../teacher/model.astro', truth)} errors of {TEST_ROWS}")
        print(f"\n| labelled rows | seed | {' | '.join(LOSSES)} |\n|---|---|{'---|' * len(LOSSES)}")
        for count in STUDENT_ROWS:
            for seed in range(1, seeds + 1):
                folder = place / f"s{count}-{seed}"
                folder.mkdir()
                first = TEACHER_ROWS + seed * 5000
                write(folder / "few.csv", pixels, labels, range(first, first + count))
                found = []
                for number, loss in enumerate(LOSSES.values()):
                    call(program, folder, "run", "few.csv", "--target", "digit", "--learner", "mlp", "--architecture", STUDENT,
                         "--mlp-dropout", "0", "--mlp-epochs", "40", "--trials", "1", "--seed", str(seed), "--test", "../test.csv",
                         *loss, "--out", f"r{number}")
                    found.append(errors(program, folder, f"r{number}/model.astro", truth))
                print(f"| {count} | {seed} | {' | '.join(map(str, found))} |", flush=True)


if __name__ == "__main__":
    main()
