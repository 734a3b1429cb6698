# SPDX-License-Identifier: Apache-2.0
"""Stars, as a user would write them: runs that search, studies that survive, workers that help."""

import sqlite3

from program import PATIENCE, EndToEnd, classification_csv, json, signal, unittest, wait_for

QUICK = ("--mlp-epochs", "2", "--architecture", "8")


class StarTest(EndToEnd):
    def setUp(self):
        super().setUp()
        self.write("t.csv", classification_csv(400))
        self.write("large.csv", classification_csv(1200))

    def run_star(self, *arguments, out="r", table="large.csv"):
        return self.run_json("run", table, "--target", "y", "--out", out, *arguments)

    def model(self, out):
        return (self.folder / out / "model.astro").read_bytes()

    def trials(self, out):
        """Ended trials by the journal itself: {finished number: point}."""
        with sqlite3.connect(self.folder / out / "study.db") as study:
            return dict(study.execute("SELECT finished, point FROM trials WHERE finished > 0"))

    def test_a_starred_activation_is_searched_and_explained(self):
        result = self.run_star("--learner", "mlp", "--activation", "*", *QUICK, "--trials", "12")
        self.assertEqual(result["search"]["trials"]["total"], 12)
        self.assertGreater(result["search"]["trials"]["pruned"] + result["search"]["trials"]["complete"], 10)
        page = (self.folder / "r" / "report.html").read_text()
        for word in ("<svg", "activation", "best so far"):
            self.assertIn(word, page.lower())
        self.assertNotIn("<script", page)

    def test_several_stars_make_one_search(self):
        self.run_star("--learner", "mlp", "--optimizer", "*", "--loss", "*", "--batch-size", "*", *QUICK, "--trials", "8")
        slots = {name.split(".")[0] for point in self.trials("r").values() for name in json.loads(point)}
        self.assertLessEqual({"optimizer", "loss", "batch_size"}, slots)

    def test_lists_ranges_holes_and_stars_of_several_learners(self):
        self.run_star("--learner", "trees,mlp", "--activation", "relu,gelu,*", "--proposer", "rl", *QUICK, "--trials", "6")
        self.run_star("--learner", "mlp", "--activation", "x*sigmoid(*)", *QUICK, "--trials", "6", out="hole")
        self.run_star("--trees-learning-rate", "*0.05..0.3", "--trials", "4", out="range")
        rates = [json.loads(point)["learning_rate"] for point in self.trials("range").values()]
        self.assertTrue(all(0.05 <= rate <= 0.3 for rate in rates))
        self.assertEqual(len(set(rates)), 4)

    def test_without_any_learner_said_learners_and_settings_are_stars(self):
        self.run_star("--trials", "7")
        learners = {json.loads(point)["learner"] for point in self.trials("r").values()}
        self.assertEqual(learners, {"linear", "trees", "forest", "mlp"})

    def test_formulas_of_few_nodes_are_all_that_is_tried(self):
        self.run_star("--learner", "mlp", "--activation", "*", "--max-nodes", "4", *QUICK, "--trials", "6")
        with sqlite3.connect(self.folder / "r" / "study.db") as study:
            outcomes = [json.loads(text) for (text,) in study.execute("SELECT outcome FROM trials WHERE state = 2")]
        self.assertTrue(outcomes)
        self.assertTrue(all(outcome["nodes"] <= 4 for outcome in outcomes))

    def test_larger_nets_grow_from_those_of_earlier_trials_and_again_after_a_kill(self):
        search = ("--learner", "mlp", "--architecture", "4,8,16,24,32-res,16-res", "--warm-start", "on", "--mlp-epochs", "4",
                  "--pruner", "none", "--trials", "6")
        self.run_star(*search, out="whole")
        study = self.run_json("study", "whole")
        grown = [trial for trial in study["best_trials"] if "grown_from" in trial]
        self.assertTrue(grown)
        self.assertTrue(all(trial["grown_from"] < trial["trial"] for trial in grown))
        self.assertIn("grown from a smaller net", [saving["trick"].split(",")[0] for saving in study["saved"]])
        self.assertIn("grown from #", self.run_program("study", "whole").out)
        process = self.start_program("run", "large.csv", "--target", "y", "--out", "killed", *search)
        wait_for(lambda: process.poll() is not None or self.count_ended("killed") >= 3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.run_program("run", "--resume", "killed")
        self.run_program("run", "--replay", "whole", "--out", "again")
        self.run_star(*search, "--warm-start", "off", out="anew")  # what is given last counts
        self.assertEqual(self.model("killed"), self.model("whole"))
        self.assertEqual(self.model("again"), self.model("whole"))
        self.assertNotEqual(self.model("anew"), self.model("whole"))

    def test_a_killed_run_goes_on_to_the_bytes_of_one_that_was_not(self):
        search = ("--learner", "mlp", "--activation", "*", *QUICK, "--trials", "30")
        self.run_star(*search, out="whole")
        kills = 0
        for attempt, after in enumerate((1, 3, 8, 14, 21)):
            out = ("--out", "killed") if attempt == 0 else ()
            begin = ("run", "large.csv", "--target", "y", *out, *search) if attempt == 0 else ("run", "--resume", "killed")
            process = self.start_program(*begin)
            wait_for(lambda: process.poll() is not None or self.count_ended("killed") >= after)  # noqa: B023
            if process.poll() is None:
                kills += 1
            process.send_signal(signal.SIGKILL)
            process.communicate()
        self.assertGreaterEqual(kills, 3)
        self.run_program("run", "--resume", "killed")
        self.assertEqual(self.trials("killed"), self.trials("whole"))
        self.assertEqual(self.model("killed"), self.model("whole"))

    def count_ended(self, out):
        try:
            return len(self.trials(out))
        except sqlite3.OperationalError:
            return 0

    def test_an_interrupted_run_ships_and_goes_on(self):
        process = self.start_program("run", "large.csv", "--target", "y", "--out", "r", "--time", "5m")
        self.assertTrue(wait_for(lambda: self.count_ended("r") >= 2))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60 * PATIENCE)
        self.assertEqual(process.returncode, 130)
        before = len(self.trials("r"))
        self.assertTrue(self.model("r"))
        self.run_program("run", "--resume", "r", "--time", "+3s")
        self.assertGreater(len(self.trials("r")), before)

    def test_a_finished_study_has_nothing_left_to_do_and_says_so(self):
        self.run_star("--learner", "linear", "--trials", "3", table="t.csv")
        done = self.run_program("run", "--resume", "r")
        self.assertIn("is finished: all 1 candidates were tried", done.err)
        again = self.run_json("run", "--resume", "r")
        self.assertEqual(again["best"]["system"], json.loads((self.folder / "r" / "result.json").read_text())["best"]["system"])

    def test_a_timed_search_is_replayed_without_a_clock(self):
        self.run_star("--learner", "mlp", "--activation", "*", *QUICK, "--time", "6s", out="timed")
        result = self.run_json("run", "--replay", "timed", "--out", "again")
        self.assertEqual(list(self.trials("again").values()), list(self.trials("timed").values()))
        self.assertEqual(result["best"]["system"],
                         json.loads((self.folder / "timed" / "result.json").read_text())["best"]["system"])

    def test_one_seed_gives_the_same_search_on_any_number_of_threads(self):
        for threads in (1, 2):
            self.run_star("--learner", "mlp", "--activation", "*", *QUICK, "--trials", "10", "--threads", str(threads),
                          out=f"t{threads}")
        self.assertEqual(self.trials("t1"), self.trials("t2"))
        self.assertEqual(self.model("t1"), self.model("t2"))

    def test_a_small_table_says_that_its_search_is_repeated(self):
        small = self.run_program("run", "t.csv", "--target", "y", "--learner", "mlp", "--activation", "*", *QUICK, "--trials", "3",
                                 "--out", "small")
        self.assertIn("the whole search is repeated", small.err)
        large = self.run_program("run", "large.csv", "--target", "y", "--learner", "mlp", "--activation", "*", *QUICK, "--trials", "3",
                                 "--out", "large")
        self.assertNotIn("repeated", large.err)

    def test_study_shows_what_was_found(self):
        self.run_star("--learner", "mlp", "--activation", "*", *QUICK, "--trials", "8")
        study = self.run_json("study", "r")
        self.assertEqual(study["trials"]["total"], 8)
        self.assertIn("best", study)
        text = self.run_program("study", "r").out
        self.assertIn("trials", text)
        self.assertIn("activation", text)

    def test_a_file_says_the_same_as_flags(self):
        self.write("system.toml", """
[task]
data = "large.csv"
target = "y"
[system]
learner = "mlp"
activation = "*waves"
architecture = 8
mlp.epochs = 2
[budget]
trials = 6
[search]
proposer = "evolution"
out = "from-file"
[grammar.waves]
slot = "activation"
start = "<u>+<u>"
depth = 3
rules.u = ["x", "sin(<u>)", "<u>*<u>"]
""")
        self.run_program("run", "system.toml")
        self.assertEqual(len(self.trials("from-file")), 6)
        self.run_program("run", "system.toml", "--out", "again", "--trials", "2")
        self.assertEqual(len(self.trials("again")), 2)

    def test_spaces_are_shown_with_their_sizes(self):
        text = self.run_program("parts", "activation", "--space").out
        self.assertIn("6,250", text)
        self.assertIn("249,696", self.run_program("parts", "optimizer", "--space").out)


class BadStarTest(EndToEnd):
    def setUp(self):
        super().setUp()
        self.write("t.csv", classification_csv(200))

    def refused(self, *arguments, code=2):
        message = self.run_program("run", "t.csv", "--target", "y", "--out", "r", *arguments, code=code).err
        self.assertFalse((self.folder / "r").exists(), "bad input leaves no folder")
        return message

    def test_stars_that_make_no_sense_are_refused_before_anything_is_fitted(self):
        self.assertIn("8..1", self.refused("--learner", "trees", "--trees-max-leaves", "8..1"))
        self.assertIn("nosuch", self.refused("--learner", "mlp", "--activation", "*nosuch"))
        self.assertIn("--proposer", self.refused("--proposer", "oracle"))
        self.assertIn("--pruner", self.refused("--pruner", "axe"))
        self.refused("--metric", "*")
        self.refused("--learner", "mlp", "--activation", "relu,,gelu")
        self.refused("--learner", "linear", "--activation", "*")

    def test_a_grammar_without_a_finite_member_is_refused(self):
        self.write("g.toml", '[grammar.endless]\nslot = "activation"\nstart = "<u>"\nrules.u = ["sin(<u>)"]\n')
        self.assertIn("endless", self.refused("--learner", "mlp", "--activation", "*endless", "--grammar", "g.toml"))

    def test_a_run_file_that_is_none_is_refused_with_its_line(self):
        self.write("bad.toml", "[task]\ndata = \n")
        self.assertIn("line 2", self.run_program("run", "bad.toml", code=3).err)
        self.write("other.toml", '[tusk]\ndata = "t.csv"\n')
        self.assertIn("[tusk]", self.run_program("run", "other.toml", code=3).err)
        self.write("empty.toml", "[task]\n")
        self.assertIn("data = ", self.run_program("run", "empty.toml", code=3).err)

    def test_two_runs_do_not_share_a_folder(self):
        first = self.start_program("run", "t.csv", "--target", "y", "--out", "r", "--time", "20s")
        self.assertTrue(wait_for(lambda: (self.folder / "r" / "model.astro").exists()))
        self.assertIn("another run", self.run_program("run", "--resume", "r", code=75).err)
        self.assertIn("does not exist yet", self.run_program("run", "t.csv", "--target", "y", "--out", "r", code=2).err)
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60 * PATIENCE)

    def test_a_folder_without_a_study_cannot_be_resumed(self):
        self.assertIn("nothing", self.run_program("run", "--resume", "nowhere", code=3).err)
        (self.folder / "empty").mkdir()
        self.assertIn("study.db", self.run_program("run", "--resume", "empty", code=3).err)

    def test_data_that_changed_since_are_refused(self):
        self.run_program("run", "t.csv", "--target", "y", "--out", "r", "--trials", "1")
        self.write("t.csv", classification_csv(201))
        self.assertIn("other data", self.run_program("run", "--resume", "r", "--trials", "3", code=3).err.replace(
            "the data that it was begun on", "other data"))

    def test_a_study_of_a_newer_schema_is_refused(self):
        self.run_program("run", "t.csv", "--target", "y", "--out", "r", "--trials", "1")
        with sqlite3.connect(self.folder / "r" / "study.db") as study:
            study.execute("PRAGMA user_version = 99")
        self.assertIn("version 99", self.run_program("run", "--resume", "r", code=3).err)


if __name__ == "__main__":
    unittest.main()
