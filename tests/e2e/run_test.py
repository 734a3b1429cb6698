# SPDX-License-Identifier: Apache-2.0
"""The main job, from a table to a model that predicts, on small tables made here and on real ones."""

import csv
import hashlib
import io
import math
import resource
import subprocess
import time

from program import PATIENCE, PROGRAM, EndToEnd, classification_csv, json, limit, signal, unittest, wait_for


class Run(EndToEnd):
    def run_small(self, *arguments, rows=1200, out="r", **keywords):
        self.write("t.csv", classification_csv(rows))
        return self.run_json("run", "t.csv", "--target", "y", "--out", out, *arguments, **keywords)

    def small_run(self):
        """One run that several tests look at."""
        return self.once("small", lambda: self.run_small("--trials", "3"))

    def test_writes_every_file_and_an_honest_score(self):
        result = self.small_run()
        files = {path.name for path in (self.folder / "r").iterdir()}
        self.assertEqual(files, {"model.astro", "report.html", "result.json", "leaderboard.csv", "study.db"})
        self.assertEqual(result["task"]["kind"], "binary")
        self.assertGreater(result["best"]["sealed"]["score"], 0.8)
        self.assertEqual(result["best"]["sealed"]["rows"], 240)
        self.assertEqual(result["best"]["sealed"]["opening"], 1)
        self.assertLessEqual(result["best"]["sealed"]["low"], result["best"]["sealed"]["score"])

    def test_small_tables_get_a_resampled_score(self):
        result = self.run_small("--trials", "2", rows=200)
        self.assertEqual(result["best"]["sealed"]["label"], "resampled")
        self.assertEqual(result["data"]["rows_sealed"], 0)

    def test_same_seed_gives_the_same_model_on_any_thread_count(self):
        hashes = set()
        for threads in (1, 2, 5):
            self.run_small("--trials", "4", "--threads", str(threads), out=f"r{threads}")
            hashes.add(hashlib.sha256((self.folder / f"r{threads}" / "model.astro").read_bytes()).hexdigest())
        self.assertEqual(len(hashes), 1)

    def test_predicts_in_order_with_probabilities(self):
        self.small_run()
        self.write("new.csv", "city,x2,x1,extra\nRome,0.5,2,1\nAtlantis,,-2,2\n,0.1,,3\n")
        rows = list(csv.DictReader(io.StringIO(self.run_program("predict", "r/model.astro", "new.csv").out)))
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows[0]["prediction"], "yes")
        self.assertEqual(rows[1]["prediction"], "no")
        for row in rows:
            self.assertAlmostEqual(float(row["probability:yes"]) + float(row["probability:no"]), 1, places=9)
        self.run_program("predict", "r/model.astro", "new.csv", "--out", "p.csv")
        self.assertEqual(len((self.folder / "p.csv").read_text().splitlines()), 4)

    def test_contributions_sum_to_the_log_odds_and_trees_are_shown(self):
        self.run_small("--trials", "1", "--learner", "trees", rows=400)
        self.write("new.csv", "city,x2,x1\nRome,0.5,2\n,0.1,\n")
        shown = self.run_program("predict", "r/model.astro", "new.csv", "--contributions").out
        rows = list(csv.DictReader(io.StringIO(shown)))
        names = [name for name in rows[0] if name.startswith("contribution:")]
        self.assertIn("contribution:x1", names)
        told = json.loads(self.run_program("show", "r", "--tree", "1", "--svg", "tree.svg", "--json").out)["tree"]
        scored = told["title"].rsplit(" ", 1)[1]
        for row in rows:
            score = float(row["expected_score"]) + sum(float(row[name]) for name in names)
            # Several members, perhaps calibrated: near to the log-odds of their mean.
            self.assertAlmostEqual(1 / (1 + math.exp(-score)), float(row["probability:" + scored]), delta=0.1)
        self.assertEqual(len(told["leaves"]), len(told["nodes"]) + 1)
        self.assertTrue((self.folder / "tree.svg").read_text().startswith("<svg"))
        self.assertIn("How columns move the score", (self.folder / "r" / "report.html").read_text())
        self.run_program("show", "r", "--tree", "0", code=2)

    def test_one_row_is_enough_to_predict(self):
        self.small_run()
        self.write("one.csv", "x1,x2,city\n1,1,Oslo\n")
        self.assertEqual(len(self.run_program("predict", "r/model.astro", "one.csv").out.splitlines()), 2)

    def test_score_of_the_training_file_is_plausible(self):
        self.small_run()
        score = self.run_json("score", "r/model.astro", "t.csv")
        self.assertEqual(score["metric"], "auc")
        self.assertGreater(score["metrics"]["auc"]["score"], 0.85)
        self.assertEqual(score["rows"], 1200)

    def test_show_and_parts(self):
        self.small_run()
        shown = self.run_program("show", "r").out
        for text in ("Leaderboard", "trees", "baseline", "x1"):
            self.assertIn(text, shown)
        parts = self.run_json("parts")
        names = [part["name"] for part in parts["slots"][0]["parts"]]
        self.assertEqual(names, ["baseline", "linear", "trees", "forest", "mlp", "kernel", "cnn"])
        self.assertIn("learning_rate", self.run_program("parts", "learner").out)

    def test_a_stack_is_asked_for_by_its_flag_and_what_came_of_it_is_said(self):
        self.write("t.csv", classification_csv(1200))
        run = ["run", "t.csv", "--target", "y", "--learner", "trees(rounds=20),linear", "--trials", "2"]
        said = [self.run_json(*run, *flag)["notes"] for flag in ([], ["--stack", "off"], ["--stack", "on"])]
        self.assertEqual([any("stack" in note for note in notes) for notes in said], [False, False, True])
        self.assertIn("--stack", self.run_program(*run, "--stack", "maybe", code=2).err)

    def test_regression_gives_ranges_that_mostly_hold(self):
        lines = ["a,b,y"] + [f"{i % 97},{i % 13},{(i % 97) * 2.5 + (i * 7919 % 101) / 50}" for i in range(1500)]
        self.write("t.csv", "\n".join(lines) + "\n")
        result = self.run_json("run", "t.csv", "--target", "y", "--trials", "3", "--out", "r")
        self.assertEqual(result["task"]["kind"], "regression")
        rows = list(csv.DictReader(io.StringIO(self.run_program("predict", "r/model.astro", "t.csv").out)))
        truth = [float(line.rsplit(",", 1)[1]) for line in lines[1:]]
        held = sum(float(r["low"]) <= t <= float(r["high"]) for r, t in zip(rows, truth))
        self.assertGreater(held / len(truth), 0.85)

    def test_weights_groups_time_and_given_splits(self):
        lines = ["g,t,w,part,x,y"]
        for i in range(1500):
            lines.append(f"{i // 5},2020-01-{1 + i // 50:02d},{1 + i % 3},{'test' if i % 4 == 0 else 'train'},{i % 50},"
                         f"{'a' if i % 50 < 20 else 'b'}")
        self.write("t.csv", "\n".join(lines) + "\n")
        for k, split in enumerate(["group:g", "time:t", "given:part"]):
            result = self.run_json("run", "t.csv", "--target", "y", "--weight", "w", "--split", split, "--trials", "3",
                                   "--out", f"r{k}")
            self.assertEqual(result["split"], split)
            self.assertGreater(result["best"]["sealed"]["score"], 0.95)

    def test_refit_says_to_which_fit_the_score_belongs(self):
        result = self.run_small("--trials", "3", "--refit")
        self.assertIn("all rows", result["best"]["fitted_on"])

    def test_drop_types_and_learner_settings(self):
        result = self.run_small("--drop", "x2", "--types", "city=category", "--learner", "trees(max_leaves=4)",
                                "--trees-learning-rate", "0.2", "--trials", "5")
        self.assertEqual([c["name"] for c in result["data"]["columns"]], ["x1", "city", "y"])
        settings = next(row["settings"] for row in result["leaderboard"] if row["system"] == "trees")
        self.assertEqual(settings, {"learning_rate": 0.2, "max_leaves": 4})

    def test_one_second_is_enough_for_a_model(self):
        self.write("t.csv", classification_csv(20000))
        begin = time.time()
        result = self.run_json("run", "t.csv", "--target", "y", "--time", limit(1), "--out", "r")
        self.assertLess(time.time() - begin, 4 * PATIENCE)
        self.assertTrue((self.folder / "r" / "model.astro").exists())
        self.assertIsNotNone(result["best"]["sealed"])

    def test_an_interrupted_run_leaves_a_model(self):
        self.write("t.csv", classification_csv(20000))
        process = self.start_program("run", "t.csv", "--target", "y", "--time", "5m", "--out", "r")
        self.assertTrue(wait_for((self.folder / "r" / "model.astro").exists))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60 * PATIENCE)
        self.assertEqual(process.returncode, 130, (out, err))
        self.assertTrue((self.folder / "r" / "report.html").exists())
        self.assertGreater(len(self.run_program("predict", "r/model.astro", "t.csv").out), 1000)

    def test_fifty_thousand_columns(self):
        columns = 50_000
        lines = [",".join(f"c{i}" for i in range(columns)) + ",y"]
        for row in range(40):
            lines.append(",".join(str((row * 31 + i * 17) % 7) for i in range(columns)) + f",{'ab'[row % 2]}")
        self.write("t.csv", "\n".join(lines) + "\n")
        result = self.run_json("run", "t.csv", "--target", "y", "--time", limit(5), "--out", "r")
        self.assertEqual(len(result["data"]["columns"]), columns + 1)

    def test_infinities_and_missing_targets_are_said(self):
        text = classification_csv(1100).replace("Oslo,no", "Oslo,", 20)
        lines = text.splitlines()
        lines[5] = "inf," + lines[5].split(",", 1)[1]
        self.write("t.csv", "\n".join(lines) + "\n")
        result = self.run_json("run", "t.csv", "--target", "y", "--trials", "2", "--out", "r")
        self.assertTrue(any("dropped" in note for note in result["notes"]))
        self.assertEqual(result["data"]["columns"][0]["infinities"], 1)

    def test_a_full_disk_leaves_the_earlier_files_intact(self):
        self.small_run()
        before = (self.folder / "r" / "model.astro").read_bytes()
        predictions = (self.folder / "p.csv")
        predictions.write_text("earlier\n")

        def no_room():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        done = subprocess.run([PROGRAM, "predict", "r/model.astro", "t.csv", "--out", "p.csv"], cwd=self.folder,
                              capture_output=True, preexec_fn=no_room, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(predictions.read_text(), "earlier\n")
        self.assertEqual((self.folder / "r" / "model.astro").read_bytes(), before)
        self.assertEqual([p.name for p in self.folder.iterdir() if "tmp" in p.name], [])


class Face(EndToEnd):
    def test_version_is_quick(self):
        self.assertRegex(self.run_program("--version").out, r"^astrolabe \d+\.\d+\.\d+\n$")

    def test_completion_and_man_know_every_command(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("predict", self.run_program("completion", shell).out)
        script = self.write("c.bash", self.run_program("completion", "bash").out)
        self.assertEqual(subprocess.run(["bash", "-n", script], check=False).returncode, 0)
        self.assertIn(".SH RUN", self.run_program("man").out)

    def test_errors_are_json_when_asked(self):
        done = self.run_program("score", "none.astro", "none.csv", "--json", code=3)
        self.assertEqual(json.loads(done.out)["error"]["exit_code"], 3)

    def test_quiet_says_nothing_on_stderr(self):
        self.write("t.csv", classification_csv(100))
        done = self.run_program("run", "t.csv", "--target", "y", "--trials", "2", "--out", "r", "--quiet")
        self.assertEqual(done.err, "")


class RealTables(EndToEnd):
    def test_adult(self):
        result = self.run_json("run", self.shared("adult.data.gz"), "--target", "15", "--no-header", "--time", limit(8), "--out", "a")
        self.assertGreater(result["best"]["sealed"]["score"], 0.92)
        self.assertEqual(result["task"]["classes"], ["<=50K", ">50K"])
        markers = {c["name"]: c["missing_markers"] for c in result["data"]["columns"] if c["missing"]}
        self.assertEqual(set(markers), {"2", "7", "14"})
        self.assertTrue(all(set(m) == {"?"} for m in markers.values()))

    def test_a_test_file_takes_the_place_of_the_seal(self):
        result = self.run_json("run", self.shared("flight_delays_75k_train.csv.gz"), "--target", "target", "--test",
                               self.shared("flight_delays_25k_valid.csv.gz"), "--learner", "linear", "--time", limit(5),
                               "--out", "f")
        self.assertEqual(result["best"]["sealed"]["label"], "test file")
        self.assertEqual(result["best"]["sealed"]["rows"], 25000)

    def test_whitespace_separated_regression(self):
        result = self.run_json("run", self.shared("boston_housing.data.gz"), "--target", "14", "--no-header", "--time", limit(4),
                               "--out", "b")
        self.assertEqual(result["task"]["kind"], "regression")
        self.assertTrue(math.isfinite(result["best"]["validation"]["score"]))
        self.assertLess(result["best"]["validation"]["score"], 6)


if __name__ == "__main__":
    unittest.main()
