# SPDX-License-Identifier: Apache-2.0
"""`astrolabe doctor`: stalled trainings made by their settings, each told from the others."""

import random

from program import EndToEnd, classification_csv, json, unittest

DEEP = "-".join(["12"] * 30)


class Doctor(EndToEnd):
    def examine(self, *settings, table=None, learner="mlp"):
        self.write("t.csv", table or classification_csv(900))
        self.run_program("run", "t.csv", "--target", "y", "--learner", learner, *settings, "--trials", "1", "--out", "r",
                         "--quiet")
        return self.run_json("doctor", "r", "--pairs", "3")

    def net(self, *settings):
        return self.examine("--mlp-epochs", "20", "--mlp-batch-size", "64", *settings)


class Causes(Doctor):
    def test_a_rate_that_is_far_too_small(self):
        result = self.net("--mlp-architecture", "16", "--mlp-learning-rate", "1e-7")
        self.assertIn(result["cause"], ("too slow", "rounding"))
        self.assertIn("learning_rate", result["fix"]["what"])
        self.assertEqual(result["metric"]["name"], "log_loss")
        self.assertLess(result["fix"]["after"], result["fix"]["before"])
        saved = json.loads((self.folder / "r" / "doctor.json").read_text())
        self.assertEqual(saved["cause"], result["cause"])

    def test_a_rate_that_explodes(self):
        result = self.net("--mlp-architecture", "16", "--mlp-learning-rate", "100")
        self.assertEqual(result["cause"], "exploding")
        self.assertIn("learning_rate", result["fix"]["what"])
        self.assertGreater(result["fix"]["gain"]["low"], 0)

    def test_units_that_are_dead_from_the_start(self):
        result = self.net("--mlp-architecture", "16-16", "--activation", "relu(x-10)")
        self.assertEqual(result["cause"], "dead units")
        self.assertEqual(result["net"]["dead_at_start"], 1)
        self.assertEqual(result["fix"]["what"], "activation=silu")

    def test_a_signal_that_vanishes_over_thirty_layers(self):
        result = self.net("--mlp-architecture", DEEP, "--activation", "sigmoid")
        self.assertEqual(result["cause"], "vanishing signal")
        self.assertLess(result["net"]["signal_ratio"], 1e-4)
        self.assertGreater(result["fix"]["gain"]["low"], 0)

    def test_labels_that_have_nothing_to_do_with_the_rows(self):
        draw = random.Random(4)
        table = "a,b,y\n" + "".join(f"{draw.random():.4f},{draw.random():.4f},{draw.choice(['yes', 'no'])}\n"
                                    for _ in range(900))
        result = self.examine("--mlp-epochs", "4", "--mlp-architecture", "8", table=table)
        self.assertEqual(result["cause"], "data fault")
        self.assertIn("Do not use it", result["decision"])

    def test_trees_that_are_too_slow(self):
        result = self.examine("--trees-rounds", "20", "--trees-learning-rate", "1e-4", "--metric", "log_loss",
                              learner="trees")
        self.assertEqual(result["cause"], "too slow")
        self.assertIsNone(result["net"])


class Healthy(Doctor):
    def test_finds_nothing_wrong_and_says_what_data_would_settle(self):
        result = self.examine("--trees-rounds", "60", learner="trees")
        self.assertEqual(result["cause"], "nothing wrong")
        self.assertEqual(len(result["rows"]["forecasts"]), 3)
        self.assertIn("Use it", result["decision"])

    def test_the_terminal_begins_with_the_cause(self):
        self.examine("--trees-rounds", "60", learner="trees")
        shown = self.run_program("doctor", "r", "--pairs", "3", "--quiet").out
        self.assertTrue(shown.startswith("nothing wrong: "), shown)

    def test_opens_no_seal_and_gives_the_same_again(self):
        first = self.examine("--trees-rounds", "60", learner="trees")
        again = self.run_json("doctor", "r", "--pairs", "3", "--threads", "1")
        self.assertEqual(first["tried"], again["tried"])

    def test_refuses_what_is_no_run(self):
        self.run_program("doctor", "nothing", code=3)


if __name__ == "__main__":
    unittest.main()
