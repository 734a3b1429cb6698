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

    def old_run(self):
        def make():
            self.write("old.csv", classification_csv(2000))
            return self.run_json("run", "old.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "old")

        return self.once("old", make)

    def auc_of(self, model):
        scored = self.run_json("score", model, "later.csv")
        return scored["metrics"]["auc"]["score"]

    def test_a_run_goes_on_from_a_model_on_new_rows(self):
        self.old_run()
        # Columns in another order, one that is new, and a city that the model has never met.
        rows = [line.split(",") for line in classification_csv(240, seed=2).split()]
        rows[3][2] = "Lima"
        self.write("new.csv", "\n".join(",".join([row[3], row[2], row[0], row[1], "more" if i == 0 else str(i % 7)])
                                        for i, row in enumerate(rows)) + "\n")
        self.write("later.csv", classification_csv(1500, seed=3))
        result = self.run_json("run", "new.csv", "--target", "y", "--from", "old", "--trials", "1", "--out", "went-on")
        self.run_json("run", "new.csv", "--target", "y", "--learner", "trees", "--drop", "more", "--trials", "1", "--out",
                      "fresh")
        self.assertTrue(any("goes on from" in note and "2,000" not in note for note in result["notes"]), result["notes"])
        self.assertTrue(any("leaves out: more" in note for note in result["notes"]), result["notes"])
        went_on, fresh = self.auc_of("went-on/model.astro"), self.auc_of("fresh/model.astro")
        self.assertGreater(went_on, fresh)
        # The same bytes once more, from the file and on more threads; and the old model is as it was.
        before = (self.folder / "old" / "model.astro").read_bytes()
        self.run_json("run", "new.csv", "--target", "y", "--from", "old/model.astro", "--learner", "trees", "--trials", "1",
                      "--threads", "3", "--out", "again")
        self.assertEqual((self.folder / "again" / "model.astro").read_bytes(),
                         (self.folder / "went-on" / "model.astro").read_bytes())
        self.assertEqual((self.folder / "old" / "model.astro").read_bytes(), before)
        # And on from there.
        self.run_json("run", "later.csv", "--target", "y", "--from", "went-on", "--trials", "1", "--out", "further")

    def test_numbers_go_on_too(self):
        def table(rows, seed):
            draws = random.Random(seed)
            lines = ["a,b,y"]
            for _ in range(rows):
                a, b = draws.uniform(-2, 2), draws.uniform(-2, 2)
                lines.append(f"{a:.4f},{b:.4f},{abs(a) * 2 + b + draws.gauss(0, 0.2):.4f}")
            return "\n".join(lines) + "\n"
        self.write("old.csv", table(2000, 1))
        self.write("new.csv", table(250, 2))
        self.run_json("run", "old.csv", "--target", "y", "--learner", "trees,linear", "--trials", "2", "--out", "old")
        result = self.run_json("run", "new.csv", "--target", "y", "--from", "old", "--trials", "1", "--out", "on")
        fresh = self.run_json("run", "new.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "fresh")
        self.assertLess(row_of(result, "trees")["validation"]["score"], row_of(fresh, "trees")["validation"]["score"])

    def test_going_on_from_another_schema_is_refused(self):
        self.old_run()

        def complaint(table, *arguments, code=3, target="y"):
            if table is not None:
                self.write("new.csv", table)
            return self.run_program("run", "new.csv", "--target", target, "--trials", "1", "--from", "old", *arguments,
                                    code=code).err

        new = classification_csv(300, seed=2)
        self.assertIn("no column x2", complaint(new.replace("x1,x2", "x1,z2", 1)))
        self.assertIn("column x1 of type number", complaint("\n".join(
            line if i == 0 else "low," + line.split(",", 1)[1] for i, line in enumerate(new.split())) + "\n"))
        self.assertIn("the classes that it knows: no, yes", complaint(new.replace(",yes", ",maybe")).replace("yes, no", "no, yes"))
        self.assertIn("binary of y", complaint("x1,x2,city,y\n" + "".join(
            f"{i % 17},{i % 5}.5,Rome,{i * 7 % 101}.25\n" for i in range(300))))
        self.assertIn("its target, y", complaint(new, target="city", code=2))
        self.assertIn("learners that can go on from a model: trees", complaint(new, "--learner", "trees,linear", code=2))
        self.assertIn("--study", complaint(new, "--study", "postgresql://nowhere/none", code=2))
        self.write("new.csv", classification_csv(2000))
        self.assertIn("the file that it was fitted on", complaint(None))
        self.run_json("run", "old.csv", "--target", "y", "--learner", "linear", "--trials", "1", "--out", "straight")
        self.assertIn("one of linear", self.run_program("run", "new.csv", "--target", "y", "--from", "straight", code=2).err)
        self.write("new.csv", new)
        self.assertIn("nothing", self.run_program("run", "new.csv", "--target", "y", "--from", "nothing", code=3).err)


if __name__ == "__main__":
    unittest.main()
