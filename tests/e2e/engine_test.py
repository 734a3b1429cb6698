# SPDX-License-Identifier: Apache-2.0
"""Slots on the command line, the `compile` command, and one text for a loss that drives trees and nets."""

import csv
import io
import json
import os
import pathlib
import subprocess

from program import EndToEnd, classification_csv, limit, unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def regression_csv(rows):
    lines = ["a,b,y"] + [f"{i % 97},{i % 13},{(i % 97) * 2.5 + (i * 7919 % 101) / 10}" for i in range(rows)]
    return "\n".join(lines) + "\n"


class Slots(EndToEnd):
    def run_regression(self, *arguments, **keywords):
        self.write("t.csv", regression_csv(1500))
        return self.run_json("run", "t.csv", "--target", "y", "--out", "r", *arguments, **keywords)

    def refused(self, *arguments, says, code=2):
        self.write("t.csv", regression_csv(300))
        done = self.run_program("run", "t.csv", "--target", "y", *arguments, code=code)
        for text in says:
            self.assertIn(text, done.err)
        self.assertFalse((self.folder / "runs").exists(), "a refused run leaves no folder")
        return done

    def test_an_expression_is_a_loss_of_trees(self):
        result = self.run_regression("--learner", "trees", "--loss", "log(cosh(y-z))", "--trials", "2")
        self.assertEqual({row["system"] for row in result["leaderboard"]}, {"baseline", "trees"})
        self.assertLess(result["best"]["sealed"]["score"], 6)
        self.assertIn("--loss 'log(cosh(y-z))'", result["command"], "as it can be typed again")
        shown = self.run_program("show", "r").out
        self.assertIn("log(cosh(y-z))", shown)
        rows = list(csv.DictReader(io.StringIO(self.run_program("predict", "r/model.astro", "t.csv").out)))
        self.assertEqual(len(rows), 1500)

    def test_a_slot_chooses_the_learners_that_have_it(self):
        result = self.run_regression("--loss", "huber(1)", "--mlp-epochs", "3", "--trials", "3")
        self.assertEqual({row["system"] for row in result["leaderboard"]} - {"mean of trees and mlp", "mean of mlp and trees"},
                         {"baseline", "trees", "mlp"})

    def test_formulas_may_begin_with_a_minus(self):
        self.write("t.csv", classification_csv(600))
        result = self.run_json("run", "t.csv", "--target", "y", "--out", "r", "--trials", "2", "--learner", "trees",
                               "--loss", "-y*log(p)")
        self.assertGreater(result["best"]["sealed"]["score"], 0.8)
        self.assertEqual(self.run_program("compile", "-y*log(p)", "--show", "simplified").out.splitlines()[1], "d/dp  -y/p")

    def test_settings_with_commas_inside_parentheses(self):
        result = self.run_regression("--learner", "trees(loss=where(abs(y-z)<1,(y-z)^2,2*abs(y-z)-1),max_leaves=7)",
                                     "--trials", "2")
        self.assertLess(result["best"]["sealed"]["score"], 20)

    def test_mlp_with_every_slot(self):
        self.write("t.csv", classification_csv(600))
        result = self.run_json("run", "t.csv", "--target", "y", "--out", "r", "--trials", "2", "--learner",
                               "mlp(architecture=16-res,epochs=3)", "--activation", "x*sigmoid(1.5*x)", "--optimizer",
                               "lr*sign(ema(g,0.9))", "--loss", "focal(2)", "--schedule", "cos(pi/2*t)", "--batch-size",
                               "32", "--normalization", "layer", "--initialization", "glorot", "--dropout", "0.1",
                               "--weight-decay", "0.01", "--label-smoothing", "0.05")
        self.assertIn("mlp", {row["system"] for row in result["leaderboard"]})

    def test_under_a_memory_limit_a_net_recomputes_and_is_the_same(self):
        self.write("t.csv", regression_csv(9000))

        def run(out, *limit):
            return self.run_json("run", "t.csv", "--target", "y", "--out", out, "--trials", "1", "--learner",
                                 "mlp(architecture=256-res-res,epochs=2)", "--batch-size", "4096", *limit)

        def told(result):
            return [text for text in result["warnings"] if text.startswith("--memory")]

        plain, limited = run("plain"), run("limited", "--memory", "290M")
        self.assertEqual(told(plain), [])
        self.assertEqual(len(told(limited)), 1, told(limited))
        self.assertRegex(told(limited)[0], r"^--memory: mlp: recomputes \d+ layers?: [\d.]+ MB instead of [\d.]+ MB, "
                                           r"steps about \d+ % slower$")
        models = [(self.folder / out / "model.astro").read_bytes() for out in ("plain", "limited")]
        self.assertEqual(models[0], models[1])
        self.assertIn("recomputes", (self.folder / "limited" / "report.html").read_text())

    def test_texts_that_cannot_be_read_point_at_the_character(self):
        done = self.refused("--loss", "1+focl(2)", says=["Did you mean focal?", "\n  1+focl(2)\n    ^"])
        self.assertEqual(done.out, "")
        self.refused("--learner", "mlp", "--activation", "tanh(x,2,3)", says=["tanh", "^"])
        self.refused("--learner", "mlp", "--activation", "x*g", says=["g is the gradient", "no meaning here", "^"])
        self.refused("--learner", "mlp", "--activation", "log(-1-x^2)", says=["finite"])
        self.refused("--learner", "mlp", "--optimizer", "lr*w", says=["gradient"])
        self.refused("--loss", "floor(z)", says=["slope"])
        self.refused("--learner", "mlp", "--activation", "log(-1-x*x)", says=["activation", "finite"])
        self.refused("--learner", "mlp(architecture=64-big)", says=["big", "\n  64-big\n     ^\n"])
        self.refused("--architecture", "9999999", says=["a width from 1 to 8,192", "\n  9999999\n  ^\n"])
        self.refused("--schedule", "-1", says=["the schedule -1", "above 0"])

    def test_the_same_message_in_json(self):
        self.write("t.csv", regression_csv(300))
        error = self.run_json("run", "t.csv", "--target", "y", "--loss", "focl(2)", code=2)["error"]
        self.assertEqual(error["exit_code"], 2)
        self.assertIn("Did you mean focal?\n  focl(2)\n  ^", error["message"])

    def test_errors_come_before_the_table_is_read(self):
        self.run_program("run", "nowhere.csv", "--target", "y", "--loss", "focl(2)", code=2)

    def test_a_loss_of_another_task(self):
        self.refused("--loss", "focal(2)", says=["a loss of numbers"])

    def test_a_batch_larger_than_the_data(self):
        says = ["mlp.batch_size to 5000", "300 rows to fit on", "Give 300 or less"]
        self.refused("--batch-size", "5000", says=says)
        self.refused("--learner", "trees,mlp(batch_size=5000)", says=says)
        self.write("t.csv", regression_csv(2000))  # 400 of them are sealed
        self.run_program("run", "t.csv", "--target", "y", "--batch-size", "1601", "--out", "r", code=2)
        self.run_program("run", "t.csv", "--target", "y", "--batch-size", "1600", "--mlp-epochs", "2", "--trials", "2", "--out", "r")

    def test_an_optimizer_that_diverges_is_told_and_others_go_on(self):
        for optimizer in ("1000*g", "g"):  # leaves the finite numbers; gets worse and worse
            self.write("t.csv", regression_csv(400))
            done = self.run_program("run", "t.csv", "--target", "y", "--learner", "mlp,linear", "--optimizer", optimizer,
                                    "--trials", "3", "--out", f"r{len(optimizer)}")
            self.assertIn("mlp: training diverged in", done.out)
            self.assertIn("stopped early", done.out)
            result = json.loads((self.folder / f"r{len(optimizer)}" / "result.json").read_text())
            self.assertEqual(result["best"]["system"], "linear")
            self.assertIn("diverged", "".join(row["note"] for row in result["leaderboard"] if row["system"] == "mlp"))
            self.assertIn("training diverged", "".join(result["warnings"]))

    def test_an_optimizer_without_a_learning_rate(self):
        result = self.run_regression("--learner", "mlp(epochs=10)", "--optimizer", "0.01*sign(ema(g,0.9))", "--trials", "2")
        self.assertEqual(result["best"]["system"], "mlp")
        self.assertNotIn("diverged", "".join(result["warnings"]))

    def test_an_activation_with_commas(self):
        result = self.run_regression("--learner", "mlp(architecture=64-64,activation=where(x>0,x,0.1*x),epochs=10)",
                                     "--trials", "2")
        self.assertEqual(result["best"]["system"], "mlp")

    def test_a_slot_that_no_chosen_learner_has(self):
        self.refused("--learner", "linear", "--activation", "gelu", says=["--activation", "mlp", "linear"])

    def test_parts_list_formulas(self):
        slots = {slot["name"]: slot for slot in self.run_json("parts")["slots"]}
        self.assertTrue({"learner", "activation", "loss", "optimizer", "schedule", "architecture", "batch_size",
                         "normalization", "initialization"} <= set(slots))
        gelu = next(part for part in slots["activation"]["parts"] if part["name"] == "gelu")
        self.assertIn("erf", gelu["expression"])
        self.assertIn("trees", slots["loss"]["learners"])
        losses = self.run_program("parts", "loss").out
        for text in ("max(q*(y-z),(q-1)*(y-z))", "tweedie(power=1.5)", "  trees also takes auto, squared, absolute"):
            self.assertIn(text, losses)

    def test_completion_and_manual_know_them(self):
        for flag in ("--activation", "--batch-size", "--loss", "--show"):
            self.assertIn(flag, self.run_program("completion", "bash").out)
        self.assertIn(".B \\-\\-passes\\-off", self.run_program("man").out)


class Compile(EndToEnd):
    def test_formula_and_derivative_first(self):
        lines = self.run_program("compile", "x*sigmoid(1.5*x)").out.splitlines()
        self.assertEqual(lines[0], "activation  x*sigmoid(1.5*x)")
        self.assertTrue(lines[1].startswith("d/dx        "))

    def test_every_view(self):
        for view, says in {"graph": "sigmoid", "gradient": "f32 [4096]", "passes": "after lower", "loops": "nest",
                           "llvm": "define", "assembly": "ret"}.items():
            self.assertIn(says, self.run_program("compile", "x*sigmoid(1.5*x)", "--show", view).out, view)

    def test_every_slot(self):
        for text, slot in {"adamw": "optimizer", "focal(2)": "loss", "cosine": "schedule", "mish": "activation"}.items():
            self.assertEqual(self.run_json("compile", text)["slot"], slot)
        self.assertEqual(self.run_json("compile", "1-t", "--as", "schedule")["formulas"][0]["text"], "1-t")

    def test_times(self):
        shown = self.run_json("compile", "x*sigmoid(1.5*x)", "--time")
        speeds = shown["elements_per_second"]
        self.assertGreater(speeds["compiled"]["in_cache"], speeds["reference"]["in_cache"])
        self.assertGreater(shown["code_generation"]["milliseconds"], 0)
        self.assertIn("tile interpreter", self.run_program("compile", "relu", "--time").out)

    def test_bad_input(self):
        for arguments, says in [(["x*gelux(x)"], ["Did you mean gelu?", "\n  x*gelux(x)\n    ^"]),
                                (["gelu", "--show", "graf"], ["graph"]),
                                (["gelu", "--passes-off", "simplifi"], ["simplify"]),
                                (["y-z", "--as", "activation"], ["no meaning here"]),
                                (["log(-1-x^2)"], ["finite"]), ([""], ["^"]), (["-x*gelux(x)"], ["gelux"])]:
            done = self.run_program("compile", *arguments, code=2)
            for text in says:
                self.assertIn(text, done.err)

    def test_plain_instructions(self):
        self.assertNotIn("zmm", self.run_program("compile", "gelu", "--show", "assembly", "--instruction-set", "plain").out)


class Issue(EndToEnd):
    """The commands of the issue that built the engine, on the tables that it names."""

    def test_adult(self):
        result = self.run_json("run", self.shared("adult.data.gz"), "--target", "15", "--no-header", "--learner", "mlp",
                               "--activation", "x*sigmoid(1.5*x)", "--optimizer", "adamw", "--time", limit(30))
        self.assertGreater(result["best"]["sealed"]["score"], 0.9)

    def test_digits(self):
        python = os.environ.get("ASTROLABE_PYTHON", "")
        if subprocess.run([python or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the table, is not installed: ./dev setup")
        subprocess.run([python, ROOT / "tools" / "write_demo_data.py", self.folder / "demo"], check=True, capture_output=True)
        result = self.run_json("run", "demo/digits.csv", "--target", "target", "--learner", "mlp", "--optimizer",
                               "lr*sign(ema(g,0.9))", "--loss", "focal(2)", "--schedule", "cos(pi/2*t)", "--time", limit(30))
        self.assertLess(result["best"]["sealed"]["score"], 0.5)

    def test_california_housing(self):
        result = self.run_json("run", self.shared("california_housing.csv.gz"), "--target", "MedHouseVal", "--learner",
                               "trees,mlp", "--loss", "log(cosh(y-z))", "--time", limit(30))
        self.assertLess(result["best"]["sealed"]["score"], 0.6)


if __name__ == "__main__":
    unittest.main()
