# SPDX-License-Identifier: Apache-2.0
"""What people may ask of boosted trees: losses by name, class weights, constraints; and what is refused."""

import csv
import gzip
import random

from program import EndToEnd, classification_csv, unittest


def row_of(result, learner):
    return next(row for row in result["leaderboard"] if row["learner"] == learner)


class Trees(EndToEnd):
    def write_frequencies(self, rows):
        """Claims by year of a sample of policies, as actuaries fit them: weighted by exposure."""
        with gzip.open(self.shared("fremtpl2freq.csv.gz"), "rt", newline="") as file:
            table = list(csv.DictReader(file))
        sample = random.Random(1).sample(table, rows)
        with open(self.folder / "claims.csv", "w", newline="") as file:
            writer = csv.writer(file)
            names = ["VehPower", "VehAge", "DrivAge", "BonusMalus", "VehBrand", "VehGas", "Area", "Density", "Region"]
            writer.writerow(["frequency", "Exposure", *names])
            for policy in sample:
                frequency = float(policy["ClaimNb"]) / float(policy["Exposure"])
                writer.writerow([frequency, policy["Exposure"], *(policy[name] for name in names)])

    def test_losses_of_counts_explain_claims(self):
        self.write_frequencies(30_000)
        deviances = {}
        for loss in ("poisson", "tweedie(1.3)", "squared"):
            result = self.run_json("run", "claims.csv", "--target", "frequency", "--weight", "Exposure", "--metric",
                                   "poisson_deviance", "--learner", f"baseline,trees(loss={loss})", "--trials", "2",
                                   "--out", f"out-{loss}")
            deviances[loss] = row_of(result, "trees")["validation"]["score"]
            deviances["constant"] = row_of(result, "baseline")["validation"]["score"]
        self.assertLess(deviances["poisson"], 0.99 * deviances["constant"])
        self.assertLess(deviances["tweedie(1.3)"], 0.99 * deviances["constant"])
        self.assertLess(deviances["poisson"], deviances["squared"])

    def test_constraints_and_class_weights_come_from_flags(self):
        self.write("t.csv", classification_csv(400))
        result = self.run_json("run", "t.csv", "--target", "y", "--learner", "trees", "--trials", "1",
                               "--trees-monotone", "x1:+,x2:-", "--trees-interactions", "x1,city;x2",
                               "--trees-class-weights", "balanced", "--trees-sampling", "goss")
        settings = row_of(result, "trees")["settings"]
        self.assertEqual(settings["monotone"], "x1:+,x2:-")
        self.assertEqual(settings["interactions"], "x1,city;x2")
        self.assertEqual(settings["class_weights"], "balanced")

    def refusal(self, *arguments, code=2):
        return self.run_program("run", "t.csv", "--target", "y", "--learner", "trees", "--trials", "1", *arguments,
                                code=code).err

    def test_what_contradicts_itself_is_refused(self):
        self.write("t.csv", classification_csv(400))
        self.assertIn("x1:+ and x1:-", self.refusal("--trees-monotone", "x1:+,x1:-", code=3))
        self.assertIn("the category city", self.refusal("--trees-monotone", "city:+", code=3))
        self.assertIn("Did you mean", self.refusal("--trees-interactions", "x1,cit", code=3))
        self.assertIn("expected 2 weights", self.refusal("--trees-class-weights", "1,2,3", code=3))
        self.assertIn("Did you mean squared?", self.refusal("--loss", "sqared"))

    def test_what_cannot_be_fitted_is_said_and_not_replaced_by_the_baseline(self):
        self.write("t.csv", classification_csv(400))
        self.assertIn("a regression task", self.refusal("--loss", "poisson"))

    def test_a_loss_of_amounts_is_refused_where_there_are_zeros(self):
        self.write("t.csv", "x,y\n" + "".join(f"{i * 7 % 31},{i * 3 % 11}\n" for i in range(300)))
        self.assertIn("amounts: targets above 0", self.refusal("--task", "regression", "--loss", "gamma", code=3))
        self.refusal("--task", "regression", "--loss", "tweedie", code=0)


if __name__ == "__main__":
    unittest.main()
