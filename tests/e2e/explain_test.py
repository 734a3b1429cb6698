# SPDX-License-Identifier: Apache-2.0
"""`astrolabe explain`: why the system that a run found is what it is, on open rows alone."""

from program import EndToEnd, classification_csv, json, unittest

NETS = ("--learner", "mlp", "--mlp-architecture", "16", "--mlp-epochs", "4", "--mlp-batch-size", "64")


class Explain(EndToEnd):
    def searched(self, *options, rows=1200):
        self.write("t.csv", classification_csv(rows))
        self.run_program("run", "t.csv", "--target", "y", *options, "--out", "found", "--quiet")
        return "found"

    def openings(self, folder):
        return json.loads((self.folder / folder / "result.json").read_text())["best"]["sealed"]["opening"]


class OfAFormula(Explain):
    def setUp(self):
        super().setUp()
        self.found = "found"
        self.result = self.once("explained", self.explained)

    def explained(self):
        self.searched(*NETS, "--activation", "x*sigmoid(1.5*x),tanh(x)-0.1*x", "--trials", "3")
        return self.run_json("explain", self.found, "--pairs", "2", "--tuning", "1")

    def test_says_what_it_is_what_is_proved_and_what_each_node_does(self):
        (part,) = self.result["parts"]
        self.assertEqual(part["slot"], "activation")
        self.assertTrue(part["simplified"])
        self.assertIn("proved", {entry["verdict"] for entry in part["properties"]})
        self.assertEqual({entry["experiment"] for entry in part["experiments"]},
                         {"signal-propagation", "output-histogram", "gradient-flow"})
        for experiment in part["experiments"]:
            self.assertEqual({row["activation"] for row in experiment["results"]}, {part["text"], part["baseline"]})
        self.assertGreaterEqual(len(part["knock_outs"]), 3)
        self.assertGreaterEqual(len({change["instead"] for change in part["knock_ins"]}), 3)
        for change in part["knock_outs"] + part["knock_ins"]:
            self.assertEqual(change["pairs"], 2)
            self.assertLessEqual(change["gain"]["low"], change["gain"]["score"])
            self.assertLessEqual(change["gain"]["score"], change["gain"]["high"])

    def test_follows_the_path_and_the_curve_and_leaves_two_files(self):
        self.assertEqual([step["what"] for step in self.result["path"]], ["activation"])
        self.assertEqual(len(self.result["rows"]["sizes"]), 5)
        self.assertEqual(len(self.result["rows"]["forecasts"]), 3)
        self.assertTrue(any("Shuffling" in words for words in self.result["model"]))
        saved = json.loads((self.folder / self.found / "explain.json").read_text())
        self.assertEqual(saved["parts"], self.result["parts"])
        page = (self.folder / self.found / "explain.html").read_text()
        self.assertIn("Without each node", page)
        self.assertNotIn("<script", page)
        self.assertIn('<a href="#why">Why</a>', (self.folder / self.found / "report.html").read_text())
        self.assertIn("### Knocked out", self.run_program("report", self.found, "--format", "md").out)
        self.assertNotIn("http://", page)

    def test_without_a_clock_the_same_numbers_come_out_again(self):
        again = self.run_json("explain", self.found, "--pairs", "2", "--tuning", "1", "--threads", "1")
        for name in ("path", "whole", "rows", "importance"):
            self.assertEqual(again[name], self.result[name])
        for name in ("knock_outs", "knock_ins"):
            self.assertEqual(again["parts"][0][name], self.result["parts"][0][name])

    def test_opens_no_seal(self):
        shown = self.run_json("prove", self.found, "--seeds", "2", "--tuning", "1", "--no-ledger")
        self.assertEqual(shown["look"], 1)


class OfASystem(Explain):
    def test_the_step_that_matters_comes_first_and_is_called_better(self):
        found = self.searched("--learner", "trees", "--trees-max-leaves", "2,31", "--trees-learning-rate", "0.0001,0.1",
                              "--trees-rounds", "40", "--trials", "4")
        result = self.run_json("explain", found, "--pairs", "4", "--tuning", "1")
        self.assertEqual(result["path"][0]["what"], "learning_rate")
        self.assertEqual(result["path"][0]["verdict"], "better")
        self.assertEqual(result["parts"], [])

    def test_of_a_plain_run_without_a_star_it_says_which_settings_decide(self):
        found = self.searched("--trials", "24", rows=1000)
        result = self.run_json("explain", found, "--pairs", "2", "--tuning", "1")
        self.assertTrue(result["importance"])
        self.assertTrue(result["trials"] or any("complete trials are too few" in words for words in result["left_out"]))
        self.assertAlmostEqual(sum(entry["share"] for entry in result["importance"]), 1, places=6)

    def test_what_there_is_no_time_for_is_named(self):
        found = self.searched(*NETS, "--activation", "x*sigmoid(1.5*x),relu", "--trials", "2")
        result = self.run_json("explain", found, "--time", "0.1s")
        self.assertTrue(any("lack of time" in words for words in result["left_out"]), result["left_out"])
        self.assertLess(result["time_s"], 30)


class Refused(Explain):
    def test_what_is_no_run(self):
        self.run_program("explain", "nothing", code=3)
        self.write("a.csv", "a\n1\n")
        self.assertIn("a file", self.run_program("explain", "a.csv", code=3).err)

    def test_other_data_than_then(self):
        found = self.searched(*NETS, "--activation", "silu,relu", "--trials", "2")
        self.write("t.csv", classification_csv(1200, seed=9))
        self.assertIn("hash", self.run_program("explain", found, code=3).err)


if __name__ == "__main__":
    unittest.main()
