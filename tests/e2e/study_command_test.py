# SPDX-License-Identifier: Apache-2.0
"""`astrolabe study`: what a search has found, while it runs and after."""

import os
import sqlite3
import subprocess

from program import PATIENCE, PROGRAM, EndToEnd, json, signal, unittest, wait_for

TRIAL = """
import sys, time
x, kind = float(sys.argv[1].split("=")[1]), sys.argv[2]
if kind == "c":
    sys.exit(3)
time.sleep(float(sys.argv[3]))
print(f"loss={(x - 0.3) ** 2 + (0 if kind == 'b' else 0.1):.6f} latency_us={10 + 100 * x:.0f}")
"""


class Study(EndToEnd):
    def command(self, seconds="0"):
        self.write("trial.py", TRIAL)
        return ["--minimise", "loss", "--quiet", "--", "python3", "trial.py", "x=*0.0..1.0", "*a,b,c", seconds]

    def searched(self, trials=40):
        self.once(str(trials), lambda: self.run_program("search", "--trials", trials, "--out", "found", *self.command()).out)
        return "found"


class Ended(Study):
    def test_shows_the_best_what_decides_and_what_was_saved(self):
        shown = self.run_program("study", self.searched()).out
        for part in ("ended", "loss (lower is better)", "40: ", "Best ", "What decides", "failed:", "x=0.", "after"):
            self.assertIn(part, shown)
        self.assertNotIn("\x1b", shown)

    def test_json_has_the_documented_fields(self):
        result = self.run_json("study", self.searched())
        trials = result["trials"]
        self.assertEqual(trials["total"], 40)
        self.assertEqual(trials["complete"] + trials["pruned"] + trials["failed"], 40)
        self.assertGreater(trials["failed"], 0)
        self.assertEqual(trials["running"], 0)
        self.assertLess(result["best"]["score"], 0.2)
        self.assertIn("x", result["best"]["point"])
        self.assertEqual(result["findings"], [])
        self.assertFalse(result["running"])
        self.assertAlmostEqual(sum(d["share"] for d in result["importance"]), 1, places=6)
        latencies = [t["latency_us"] for t in result["front"]["latency"]]
        self.assertEqual(latencies, sorted(latencies))

    def test_the_file_is_the_folder(self):
        folder = self.searched(10)
        by_folder, by_file = self.run_json("study", folder), self.run_json("study", f"{folder}/study.db")
        self.assertEqual(by_folder["best"], by_file["best"])

    def test_watching_an_ended_study_ends_at_once(self):
        shown = self.run_program("study", self.searched(10), "--watch", timeout=20).out
        self.assertIn("10 trials", shown)

    def test_reading_changes_nothing(self):
        folder = self.searched(10)
        before = sqlite3.connect(self.folder / folder / "study.db").execute("SELECT * FROM trials").fetchall()
        self.run_program("study", folder)
        after = sqlite3.connect(self.folder / folder / "study.db").execute("SELECT * FROM trials").fetchall()
        self.assertEqual(before, after)


class Running(Study):
    def ended_trials(self):
        """0 also while the study is being made."""
        done = subprocess.run([PROGRAM, "study", "found", "--json"], cwd=self.folder, capture_output=True, check=False)
        if done.returncode != 0:
            return 0
        trials = json.loads(done.stdout)["trials"]
        return trials["complete"] + trials["pruned"] + trials["failed"]

    def test_is_shown_and_watched_until_it_ends(self):
        search = self.start_program("search", "--trials", 30, "--out", "found", *self.command("0.1"))
        self.addCleanup(lambda: (search.kill(), search.communicate()))
        self.assertTrue(wait_for(lambda: self.ended_trials() > 2))
        self.assertTrue(self.run_json("study", "found")["running"])
        shown = self.run_program("study", "found", "--watch", timeout=60).out
        search.communicate(timeout=60 * PATIENCE)
        self.assertEqual(search.returncode, 0)
        self.assertIn("30: ", shown)
        self.assertGreater(shown.count(" trials, "), 1)

    def test_watching_ends_with_a_signal(self):
        search = self.start_program("search", "--time", "60s", "--out", "found", *self.command("0.2"))
        self.addCleanup(lambda: (search.kill(), search.communicate()))
        self.assertTrue(wait_for(lambda: self.ended_trials() > 0))
        watch = self.start_program("study", "found", "--watch")
        self.assertFalse(wait_for(lambda: watch.poll() is not None, 1.5))
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=20 * PATIENCE)
        self.assertEqual(watch.returncode, 130)


class Refused(Study):
    def test_a_folder_without_a_study(self):
        os.mkdir(self.folder / "empty")
        done = self.run_program("study", "empty", code=3)
        self.assertIn("study", done.err)

    def test_a_file_that_is_not_there(self):
        done = self.run_program("study", "nowhere/study.db", code=3)
        self.assertIn("no such file", done.err)
        self.assertFalse((self.folder / "nowhere").exists())

    def test_a_file_that_is_no_study(self):
        self.write("study.db", "this is no database, only some text that is long enough to be looked at " * 20)
        done = self.run_program("study", "study.db", "--json", code=3)
        self.assertEqual(json.loads(done.out)["error"]["exit_code"], 3)


if __name__ == "__main__":
    unittest.main()
