# SPDX-License-Identifier: Apache-2.0
"""Runs over odd tables: each ends in time, under the memory cap, with a model or a message, and says what it left out.

The class LargeTables takes minutes; the test labelled slow runs it.
"""

import os
import random
import shutil
import tempfile
import time

import program
from program import PATIENCE, EndToEnd, json, limit, unittest

# A sanitizer needs more of both, and neither is what is tested then.
IS_PLAIN = not os.environ.get("ASTROLABE_SANITIZE")


class Odd(EndToEnd):
    def table(self, names, rows, name="t.csv"):
        with open(self.folder / name, "w", encoding="utf-8") as file:
            file.write(",".join(names) + "\n")
            file.writelines(",".join(map(str, row)) + "\n" for row in rows)

    def rows(self, count, more=lambda i, draw: []):
        """a and b, more columns, and y, which follows a."""
        draw = random.Random(5)
        for i in range(count):
            a, b = draw.uniform(-2, 2), draw.random()
            yield [f"{a:.3f}", f"{b:.3f}", *more(i, draw), "yes" if a + draw.uniform(-0.5, 0.5) > 0 else "no"]

    def run_odd(self, seconds=2, memory=256, code=0, is_kept=True, more=()):
        """The run's result, or what it said. Its time and its memory are those of a user who set both."""
        command = [program.PROGRAM, "run", "t.csv", "--target", "y", "--out", "r", "--time", limit(seconds), "--memory",
                   f"{memory}M", "--json", "--quiet", *more]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = time.time()
            child = os.posix_spawn(command[0], command, {**os.environ, "NO_COLOR": "1"}, file_actions=[
                (os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, err.fileno(), 2)])
            _, status, usage = os.wait4(child, 0)
            took = time.time() - begin
            out.seek(0)
            err.seek(0)
            said, complaint = out.read().decode(), err.read().decode()
        self.assertEqual(os.waitstatus_to_exitcode(status), code, said[-2000:] + complaint)
        if IS_PLAIN and is_kept:
            self.assertLess(usage.ru_maxrss / 1024, memory, f"peak memory in MB, limit {memory}")
        if IS_PLAIN:
            self.assertLess(took, 1.5 * seconds + 8, "seconds")
        if code != 0:
            return complaint
        self.assertTrue((self.folder / "r" / "model.astro").exists())
        self.run_program("predict", "r/model.astro", "t.csv", "--out", "p.csv")
        return json.loads(said)

    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    @staticmethod
    def said(result):
        return " ".join([*result["notes"], *result["warnings"], *(leak["message"] for leak in result["leaks"])])


class Few(Odd):
    def test_thirty_rows(self):
        self.table(["a", "b", "y"], self.rows(30))
        self.assertEqual(self.run_odd()["best"]["sealed"]["label"], "resampled")

    def test_two_rows(self):
        self.table(["a", "y"], [[1, "x"], [2, "y"]])
        self.assertIn("no part of the rows", self.said(self.run_odd()))

    def test_one_row_is_refused(self):
        self.table(["a", "y"], [[1, "x"]])
        self.assertIn("at least two classes", self.run_odd(code=3))

    def test_a_header_alone_is_refused(self):
        self.table(["a", "y"], [])
        self.assertIn("nothing below it", self.run_odd(code=3))


class Targets(Odd):
    def test_one_in_a_thousand(self):
        self.table(["a", "b", "y"], ([a, b, "pos" if i % 1000 == 7 else "neg"]
                                     for i, (a, b, _) in enumerate(self.rows(10_000))))
        self.assertEqual(self.run_odd()["task"]["classes"], ["neg", "pos"])

    def test_a_class_with_one_row_is_said(self):
        self.table(["a", "b", "y"], ([a, b, "rare" if i == 777 else y] for i, (a, b, y) in enumerate(self.rows(1500))))
        self.assertIn("'rare' has 1", self.said(self.run_odd()))

    def test_three_hundred_classes(self):
        draw = random.Random(1)
        kinds = [draw.randrange(300) for _ in range(3000)]
        self.table(["a", "b", "y"], ([f"{k % 17 + draw.random():.2f}", f"{k // 17 + draw.random():.2f}", f"k{k}"]
                                     for k in kinds))
        self.assertEqual(len(self.run_odd(seconds=3, memory=320)["task"]["classes"]), len(set(kinds)))

    def test_too_many_classes_are_refused(self):
        self.table(["a", "y"], ([i % 7, f"name{i}"] for i in range(2000)))
        self.assertIn("at most 1000 classes", self.run_odd(code=3))

    def test_a_constant_target_is_refused(self):
        for value, expected in (("same", "at least two classes"), ("3.5", "a target that varies")):
            self.table(["a", "y"], ([i % 7, value] for i in range(1200)))
            self.assertIn(expected, self.run_odd(code=3))

    def test_numbers_too_large_to_square_are_said(self):
        self.table(["a", "y"], ([a, f"{a}e300"] for a, _, _ in self.rows(1200)))
        self.assertIn("too large", self.said(self.run_odd()))


class Columns(Odd):
    def test_mostly_missing(self):
        draw = random.Random(3)
        self.table([*(f"x{j}" for j in range(20)), "y"],
                   ([*(a if draw.random() < 0.05 else "" for _ in range(20)), y] for a, _, y in self.rows(3000)))
        self.assertGreater(self.run_odd()["best"]["sealed"]["score"], 0.6)

    def test_columns_that_say_nothing_are_left_out(self):
        self.table(["a", "b", "seven", "word", "none", "nans", "infs", "y"],
                   self.rows(1500, lambda i, draw: [7, "x", "", "nan", "inf"]))
        result = self.run_odd()
        for name in ("seven", "word", "none", "nans", "infs"):
            self.assertIn(f"{name} is ", self.said(result))

    def test_without_a_column_the_baseline_ships_at_once(self):
        self.table(["seven", "y"], ([7, y] for _, _, y in self.rows(1500)))
        begin = time.time()
        result = self.run_odd(seconds=60)
        self.assertLess(time.time() - begin, 20 * PATIENCE)
        self.assertIn("no column is left", self.said(result))
        self.assertEqual([row["system"] for row in result["leaderboard"]], ["baseline"])

    def test_copies_of_rows_and_columns_are_said(self):
        rows = list(self.rows(150))
        self.table(["a", "b", "a2", "b2", "y"], ([*r[:2], *r[:2], r[2]] for r in rows * 10))
        self.assertIn("copies of another row", self.said(self.run_odd()))

    def test_as_many_levels_as_rows(self):
        self.table(["a", "b", "id", "note", "y"], self.rows(2000, lambda i, draw: [
            f"id{i}x{draw.randrange(10**9)}", " ".join(f"w{draw.randrange(10**6)}" for _ in range(8))]))
        result = self.run_odd()
        self.assertIn("id is an identifier", self.said(result))
        self.assertGreater(result["best"]["sealed"]["score"], 0.8)

    def test_odd_names(self):
        self.table(["größe 😀", "", " z", "</script>", "y"], self.rows(1200, lambda i, draw: [i % 3, "q"]))
        names = [column["name"] for column in self.run_odd()["data"]["columns"]]
        self.assertEqual((names[0], names[1], names[3]), ("größe 😀", "2", "</script>"))

    def test_a_name_twice_is_refused(self):
        self.table(["a", "a", "y"], self.rows(50))
        self.assertIn('found "a" as the name of columns 1 and 2', self.run_odd(code=3))

    def test_a_thousand_columns(self):
        draw = random.Random(2)
        self.table([*(f"c{j}" for j in range(1000)), "y"],
                   ([*(f"{draw.random():.2f}" for _ in range(1000)), "ab"[i % 2]] for i in range(300)))
        self.run_odd(seconds=3)


class Memory(Odd):
    def test_a_table_that_does_not_fit_is_read_in_part(self):
        draw = random.Random(4)
        pool = [f"{draw.random():.3f}" for _ in range(1000)]
        self.table([*(f"c{j}" for j in range(60)), "y"],
                   ([*draw.choices(pool, k=60), "ab"[i % 2]] for i in range(40_000)))
        result = self.run_odd(memory=128, more=("--learner", "linear,trees"))
        self.assertIn("--memory: the table does not fit", self.said(result))
        self.assertGreater(result["data"]["rows"], 5000)
        self.assertLess(result["data"]["rows"], 40_000)

    def test_a_cap_below_the_program_itself_still_gives_a_model(self):
        self.table(["a", "b", "y"], self.rows(3000))
        self.assertIn("more than the limit", self.said(self.run_odd(memory=1, is_kept=False)))


    def test_every_learner_keeps_a_cap_of_180_megabytes(self):
        self.table([*(f"x{j}" for j in range(20)), "a", "b", "y"],
                   ([*(f"{a}{j}" for j in range(20)), a, b, y] for a, b, y in self.rows(12_000)))
        for learner in ("mlp", "linear", "trees", "forest"):
            with self.subTest(learner=learner):
                shutil.rmtree(self.folder / "r", ignore_errors=True)
                result = self.run_odd(memory=180, more=("--learner", learner))
                self.assertNotIn("more than the limit", self.said(result))

    def test_a_cap_that_wide_rows_do_not_fit_under_is_said_with_what_is_enough(self):
        draw = random.Random(9)
        pool = [f"{draw.random():.3f}" for _ in range(1000)]
        self.table([*(f"c{j}" for j in range(4000)), "y"], ([*draw.choices(pool, k=4000), "ab"[i % 2]] for i in range(600)))
        said = self.said(self.run_odd(seconds=10, memory=110, is_kept=False, more=("--learner", "linear")))
        self.assertRegex(said, r"this run takes about \d+ MB, more than the limit of 110 MB: .* 500 rows of 4,000 columns")


class LargeTables(Odd):
    def test_ten_thousand_columns(self):
        draw = random.Random(6)
        pool = [f"{draw.random():.3f}" for _ in range(5000)]
        self.table([*(f"c{j}" for j in range(10_000)), "y"],
                   ([*draw.choices(pool, k=10_000), "ab"[i % 2]] for i in range(1500)))
        self.run_odd(seconds=30, memory=600)

    def test_three_hundred_classes_of_many_rows(self):
        draw = random.Random(7)
        kinds = [draw.randrange(300) for _ in range(20_000)]
        self.table([*(f"x{j}" for j in range(10)), "y"],
                   ([*(f"{k * 0.1 * (j % 3 - 1) + draw.gauss(0, 1):.3f}" for j in range(10)), f"k{k}"] for k in kinds))
        self.assertIn("--memory", self.said(self.run_odd(seconds=30, memory=800)))

    def test_texts_of_many_words(self):
        self.table(["a", "b", "note", "y"], self.rows(20_000, lambda i, draw: [
            " ".join(f"w{draw.randrange(10**6)}" for _ in range(8))]))
        self.run_odd(seconds=30, memory=400)

    def test_many_rows(self):
        draw = random.Random(8)
        pool = [f"{draw.random():.3f}" for _ in range(5000)]
        self.table([*(f"x{j}" for j in range(28)), "y"],
                   ([*draw.choices(pool, k=27), a, y] for a, _, y in self.rows(300_000)))
        result = self.run_odd(seconds=30, memory=300)
        self.assertGreater(result["data"]["rows"], 100_000)
        self.assertGreater(result["best"]["sealed"]["score"], 0.9)


if __name__ == "__main__":
    unittest.main()
