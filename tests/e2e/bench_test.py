# SPDX-License-Identifier: Apache-2.0
"""`astrolabe bench`: parts compared on many tasks, killed and gone on with, shared by processes."""

import os
import time

from postgres import PostgresServer
from program import PATIENCE, EndToEnd, classification_csv, json, signal, unittest, wait_for

VERDICTS = {"better", "worse", "tie", "undecided"}
QUICK = ("--learner", "baseline,linear,trees(rounds=10)", "--mode", "drop-in")


class Bench(EndToEnd):
    def differences(self, result):
        return [[task["differences"] for task in one["tasks"]] for one in result["comparisons"]]

    def test_smoke_says_what_it_compared_and_how_sure_it_is(self):
        began = time.time()
        result = self.run_json("bench", "smoke", "--activation", "relu,gelu,x*tanh(softplus(x))", "--optimizer", "adamw,lion")
        self.assertLess(time.time() - began, 120 * PATIENCE)  # 40 s of a quiet machine
        self.assertEqual([(one["slot"], one["a"], one["b"]) for one in result["comparisons"]],
                         [("activation", "gelu", "relu"), ("activation", "x*tanh(softplus(x))", "relu"),
                          ("optimizer", "lion", "adamw")])
        for one in result["comparisons"]:
            self.assertIn(one["verdict"], VERDICTS)
            self.assertEqual([task["name"] for task in one["tasks"]], ["moons", "linear", "blobs"])
            self.assertLessEqual(one["effect"]["low"], one["effect"]["score"])
            self.assertLessEqual(one["effect"]["score"], one["effect"]["high"])
        self.assertAlmostEqual(result["confidence"], 1 - 0.05 / 3)
        self.assertIn("Bonferroni", result["correction"])
        self.assertEqual((result["skipped"], result["failed"]), ([], []))
        self.assertEqual(result["rows"]["complete"], result["rows"]["total"])
        folder = self.folder / "runs" / "bench-smoke"
        self.assertEqual(json.loads((folder / "bench.json").read_text())["comparisons"], result["comparisons"])
        page = (folder / "bench.html").read_text()
        for words in ("Over all tasks", "critical difference", "Time to 95 %", "What a gain costs", "not significant"):
            self.assertIn(words, page)
        self.assertIn("x*tanh(softplus(x))", page)

    def test_the_same_part_twice_is_a_tie(self):
        one = self.run_json("bench", "smoke", "--activation", "relu,relu", "--seeds", "2")["comparisons"][0]
        self.assertEqual((one["a"], one["b"], one["verdict"], one["effect"]["score"]), ("relu", "relu", "tie", 0))

    def test_the_same_function_under_another_name_is_compared(self):
        one = self.run_json("bench", "smoke", "--activation", "relu,max(x,0)", "--seeds", "3")["comparisons"][0]
        self.assertEqual((one["a"], one["b"]), ("max(x,0)", "relu"))
        self.assertEqual(one["verdict"], "tie")

    def test_finds_what_is_large(self):
        result = self.run_json("bench", "smoke", *QUICK)
        self.assertEqual([one["verdict"] for one in result["comparisons"]], ["better", "better"])

    def test_two_slots_interact_or_do_not(self):
        result = self.run_json("bench", "smoke", "--mode", "interaction", "--batch-size", "16,64",
                               "--setting", "learning_rate=0.0005,0.005", "--seeds", "5")
        self.assertEqual([one["slot"] for one in result["comparisons"]], ["batch_size", "learning_rate"])
        (both,) = result["interactions"]
        self.assertEqual((both["slot"], both["a"], both["b"]), ("batch_size x learning_rate", "64 x 0.005", "16 x 0.0005"))
        self.assertEqual(both["verdict"], "better")  # few steps need large ones
        self.run_program("bench", "smoke", "--mode", "interaction", "--activation", "relu,silu", code=2)

    def test_a_table_of_ones_own(self):
        self.write("mine.csv", classification_csv(400))
        result = self.run_json("bench", "smoke", "--data", "mine.csv", "--target", "y", *QUICK)
        (task,) = result["tasks"]
        self.assertEqual((task["name"], task["metric"], task["resampled"]), ("mine", "auc", True))
        self.assertEqual(result["comparisons"][0]["verdict"], "better")

    def test_a_suite_skips_what_is_not_there_and_lists_it(self):
        self.write("mine.csv", classification_csv(200))
        self.write("suite.toml", """
            seeds = 2
            mode = "drop-in"
            hosts = ["trees(rounds=10)", "mlpp"]
            tasks = ["moons", "mooons"]
            [slots]
            learning_rate = [0.1, 0.3, 99]
            [[task]]
            data = "mine.csv"
            target = "y"
            [[task]]
            data = "gone.csv"
            target = "y"
        """)
        shown = self.run_program("bench", "suite.toml", "--quiet").out
        self.assertIn("4 skipped", shown)
        result = json.loads((self.folder / "runs" / "bench-suite" / "bench.json").read_text())
        self.assertEqual(sorted(skip["what"] for skip in result["skipped"]),
                         ["host mlpp", "learning_rate 99 in trees", "task gone", "task mooons"])
        self.assertEqual(sorted(task["name"] for task in result["tasks"]), ["mine", "moons"])
        self.assertEqual(result["comparisons"][0]["a"], "0.3")

    def test_a_killed_one_is_gone_on_with_and_has_the_same_numbers(self):
        words = ("bench", "small", "--learner", "linear,trees(rounds=100),trees(rounds=200)", "--seeds", "4", "--mode", "drop-in")
        whole = self.run_json(*words, "--out", "whole")
        started = self.start_program(*words, "--out", "killed", "--quiet", "--threads", "1")
        self.assertTrue(wait_for(lambda: len(list(self.folder.glob("killed/predictions/*.row"))) >= 3))
        started.send_signal(signal.SIGKILL)
        started.communicate()
        resumed = self.run_json(*words, "--out", "killed", "--resume")
        self.assertEqual(self.differences(resumed), self.differences(whole))
        self.assertEqual(resumed["rows"]["complete"], resumed["rows"]["total"])

    def test_two_processes_share_one(self):
        words = ("bench", "small", "--learner", "linear,trees(rounds=100)", "--seeds", "3", "--mode", "drop-in", "--resume",
                 "--out", "shared", "--json", "--quiet", "--threads", "1")
        first, second = self.start_program(*words), self.start_program(*words)
        results = [json.loads(done.communicate(timeout=240 * PATIENCE)[0]) for done in (first, second)]
        self.assertEqual((first.returncode, second.returncode), (0, 0))
        self.assertEqual(self.differences(results[0]), self.differences(results[1]))
        self.assertEqual(self.differences(results[0]),
                         self.differences(self.run_json(*words[:-6], "--out", "alone")))

    def test_a_server_keeps_the_rows_for_two_folders(self):
        try:
            server = PostgresServer()
        except FileNotFoundError as absent:
            self.skipTest(str(absent))
        self.addCleanup(server.remove)
        words = ("bench", "smoke", *QUICK, "--seeds", "3", "--study", server.url, "--name", "shared")
        first = self.run_json(*words, "--out", "here")
        second = self.run_json(*words, "--out", "there")  # finds all rows ended
        self.assertEqual(self.differences(first), self.differences(second))
        self.assertFalse(list(self.folder.glob("there/predictions/*")))
        self.assertFalse((self.folder / "here" / "bench.db").exists())

    def test_ends_with_its_time_and_says_how_to_go_on(self):
        result = self.run_json("bench", "core", "--time", "1s", "--out", "short")
        self.assertLess(result["rows"]["complete"], result["rows"]["total"])
        self.assertTrue(any("--resume" in note for note in result["notes"]), result["notes"])

    def test_lists_suites_and_tasks(self):
        listed = self.run_json("bench", "--list")
        self.assertEqual([suite["name"] for suite in listed["suites"]], ["smoke", "small", "core"])
        self.assertIn("friedman1", [task["name"] for task in listed["tasks"]])
        self.assertIn("friedman1", self.run_program("bench", "--list").out)

    def test_refuses_what_it_cannot_compare(self):
        for words, code, expected in (
            (("bench", "smoek"), 2, "Did you mean smoke?"),
            (("bench",), 2, "suite"),
            (("bench", "smoke", "--activation", "relu,gelux"), 2, "Did you mean gelu?"),
            (("bench", "smoke", "--activation", "relu,*"), 2, "a star"),
            (("bench", "smoke", "--host", "mlpp"), 2, "Did you mean mlp?"),
            (("bench", "smoke", "--host", "trees", "--activation", "relu,silu"), 2, "a host that has it"),
            (("bench", "smoke", "--tasks", "mooons"), 3, "Did you mean moons?"),
            (("bench", "smoke", "--data", "gone.csv", "--target", "y"), 3, "gone.csv"),
            (("bench", "gone.toml"), 3, "gone.toml"),
        ):
            self.assertIn(expected, self.run_program(*words, code=code).err, words)
        self.assertFalse(os.path.exists(self.folder / "runs"), "mistakes leave nothing behind")
        self.run_program("bench", "smoke", *QUICK, "--seeds", "1", "--out", "there")
        self.run_program("bench", "smoke", *QUICK, "--seeds", "1", "--out", "there", code=2)
        other = self.run_program("bench", "smoke", *QUICK, "--seeds", "2", "--out", "there", "--resume", code=3).err
        self.assertIn("astrolabe bench smoke", other)  # by which command it was begun


if __name__ == "__main__":
    unittest.main()
