# SPDX-License-Identifier: Apache-2.0
"""`astrolabe run --privacy`: a model with a guarantee for every row, and what it refuses."""

import random
import struct

from program import EndToEnd, classification_csv, json, unittest

BUDGET = "epsilon=3,delta=1e-5"


class PrivateRun(EndToEnd):
    def table(self, rows=3000):
        return self.write("t.csv", classification_csv(rows)).name

    def train(self, *options, learner="mlp", privacy=BUDGET, **keywords):
        return self.run_json("run", self.table(), "--target", "y", "--learner", learner, "--privacy", privacy,
                             *options, **keywords)

    def plain(self):
        """One run that several tests look at."""
        return self.once("plain", lambda: self.train("--out", "r"))

    def test_keeps_its_budget_and_says_what_it_did(self):
        result = self.plain()
        privacy = result["privacy"]
        self.assertLessEqual(privacy["epsilon"], 3)
        self.assertGreater(privacy["epsilon"], 2.9)
        self.assertEqual([entry["what"] for entry in privacy["ledger"]["training"]],
                         ["scales of the number columns, by histograms", "training steps"])
        self.assertEqual(len(privacy["ledger"]["score"]), 1)
        self.assertGreater(result["best"]["sealed"]["score"], 0.75)
        self.assertEqual(result["leaderboard"], [])
        self.assertNotIn("hash", json.dumps(result["data"]))
        self.assertEqual(sorted(path.name for path in (self.folder / "r").iterdir()),
                         ["model.astro", "report.html", "result.json"])
        page = (self.folder / "r" / "report.html").read_text()
        for words in ("one row, added or removed", "Not covered", "The ledger", "training steps"):
            self.assertIn(words, page)

    def test_linear_learns_too_and_its_model_predicts(self):
        result = self.train("--out", "r", learner="linear")
        self.assertGreater(result["best"]["sealed"]["score"], 0.75)
        score = self.run_json("score", "r/model.astro", self.table())
        self.assertGreater(score["metrics"]["accuracy"]["score"], 0.75)

    def test_the_model_file_holds_the_ledger(self):
        self.plain()
        content = (self.folder / "r" / "model.astro").read_bytes()
        self.assertIn(b'"privacy"', content)
        self.assertIn(b"training steps", content)
        for level in (b"Oslo", b"Bern", b"Rome"):
            self.assertNotIn(level, content)
        shown = self.run_program("show", "r").out
        self.assertIn("privacy", shown)

    def test_noise_is_another_one_each_time_unless_its_seed_is_told(self):
        few = BUDGET + ",epochs=2"
        self.train("--out", "a", privacy=few)
        self.train("--out", "b", privacy=few)
        model = lambda name: (self.folder / name / "model.astro").read_bytes()  # noqa: E731
        self.assertNotEqual(model("a"), model("b"))
        self.train("--out", "c", "--threads", "1", privacy=few + ",noise_seed=7")
        told = self.train("--out", "d", "--threads", "2", privacy=few + ",noise_seed=7")
        self.assertEqual(model("c"), model("d"))
        self.assertTrue(any("take the noise off" in warning for warning in told["warnings"]))
        self.assertNotIn("noise_seed=7", json.dumps(told))

    def test_regression_asks_for_bounds(self):
        lines = ["x,y"] + [f"{i % 100 / 100},{(i % 100) / 50 + i % 7 * 0.01}" for i in range(2000)]
        self.write("n.csv", "\n".join(lines) + "\n")
        run = ("run", "n.csv", "--target", "y", "--learner", "linear", "--privacy")
        refused = self.run_program(*run, BUDGET, code=2)
        self.assertIn("target_low=0,target_high=5", refused.err)
        result = self.run_json(*run, BUDGET + ",target_low=0,target_high=2")
        self.assertLess(result["best"]["sealed"]["score"], 0.4)

    def test_refuses_what_it_cannot_promise(self):
        name = self.table()
        for privacy, words in (("epsilon=3,delta=0", "between 0 and 1"), ("epsilon=3,delta=1", "between 0 and 1"),
                               ("epsilon=nan,delta=1e-5", "a number for epsilon"), ("", "no epsilon"),
                               ("epsilon=1e-9,delta=1e-12", "budget"),
                               (BUDGET + ",batch=100000", "rows that train")):
            with self.subTest(privacy):
                refused = self.run_program("run", name, "--target", "y", "--learner", "mlp", "--privacy", privacy, code=2)
                self.assertIn(words, refused.err)
        for options, words in ((("--learner", "mlp", "--activation", "*"), "paid for"), ((), "no --learner"),
                               (("--learner", "trees"), "no private form"),
                               (("--learner", "mlp", "--normalization", "batch"), "mixes the rows"),
                               (("--learner", "mlp", "--trials", "3"), "--trials 3"),
                               (("--learner", "mlp", "--weight", "x1"), "heavy row"),
                               (("--learner", "mlp", "--proposer", "random"), "Nothing is searched"),
                               (("--learner", "mlp", "--pruner", "none"), "Nothing is searched"),
                               (("--learner", "mlp", "--memory", "4M"), "room for every row")):
            with self.subTest(options):
                refused = self.run_program("run", name, "--target", "y", "--privacy", BUDGET, *options, code=2)
                self.assertIn(words, refused.err)
        self.assertFalse((self.folder / "runs").exists())

    def test_pictures_are_learnt_privately(self):
        draw = random.Random(1)
        pixels, labels = bytearray(), bytearray()
        for i in range(3000):
            at = draw.randrange(12)
            labels.append(i % 2)
            pixels += bytes(draw.randrange(170, 256) if (x if i % 2 else y) == at else draw.randrange(90)
                            for y in range(12) for x in range(12))
        (self.folder / "bars").mkdir()
        self.write("bars/train-images-idx3-ubyte", struct.pack(">HBBIII", 0, 8, 3, 3000, 12, 12) + bytes(pixels))
        self.write("bars/train-labels-idx1-ubyte", struct.pack(">HBBI", 0, 8, 1, 3000) + bytes(labels))
        command = ("run", "bars", "--learner", "cnn", "--privacy", BUDGET + ",epochs=12")
        result = self.run_json(*command, "--out", "r")
        self.assertLessEqual(result["privacy"]["epsilon"], 3)
        self.assertEqual([entry["what"] for entry in result["privacy"]["ledger"]["training"]], ["training steps"])
        self.assertGreater(result["best"]["sealed"]["score"], 0.8)
        self.assertGreater(self.run_json("score", "r/model.astro", "bars")["metrics"]["accuracy"]["score"], 0.8)
        for options, words in ((("--normalization", "batch"), "choose group, layer or none"),
                               (("--augmentation", "mixup"), "two pictures"), (("--augmentation", "auto"), "shift+flip")):
            with self.subTest(options):
                self.assertIn(words, self.run_program(*command, *options, code=2).err)
        self.assertIn("Choose --learner cnn", self.run_program("run", "bars", "--learner", "mlp", "--privacy", BUDGET, code=2).err)
        self.assertIn("a table without any", self.run_program("run", self.table(100), "--target", "y", "--learner", "cnn",
                                                              "--privacy", BUDGET, code=2).err)

    def test_a_clock_ends_it_with_a_model(self):
        result = self.train("--time", "3s", privacy=BUDGET + ",epochs=100000", timeout=60)
        self.assertTrue(result["cut_short"])
        self.assertLess(result["privacy"]["epsilon"], 3)

    def test_adult_as_the_documentation_says(self):
        result = self.run_json("run", self.shared("adult.data.gz"), "--target", "15", "--no-header", "--learner", "mlp",
                               "--privacy", BUDGET)
        self.assertGreater(result["best"]["sealed"]["score"], 0.82)


if __name__ == "__main__":
    unittest.main()
