# SPDX-License-Identifier: Apache-2.0
"""`astrolabe audit`, `certify` and `experiment`: evidence that needs no run."""

import random

from program import EndToEnd, unittest


class Audit(EndToEnd):
    """600 rows: `ours` knows x, `old` knows little, `luck` nothing; in Oslo ours is wrong."""

    def table(self, rows=600):
        draw = random.Random(1)
        lines = ["x,city,y,prediction,old,luck,probability:yes,copy"]
        for _ in range(rows):
            x, city = draw.gauss(0, 1), draw.choice(["Oslo", "Bern", "Rome"])
            y = "yes" if x + 0.5 * draw.gauss(0, 1) > 0 else "no"
            p = min(0.97, max(0.03, 0.5 + 0.3 * x))
            if city == "Oslo":
                p = draw.uniform(0.03, 0.97)
            old = min(0.97, max(0.03, 0.5 + 0.1 * x + 0.2 * draw.gauss(0, 1)))
            label = "yes" if p > 0.5 else "no"
            lines.append(f"{x:.3f},{city},{y},{label},{old:.4f},{draw.random():.4f},{p:.4f},{y}")
        return self.write("p.csv", "\n".join(lines) + "\n").name

    def audit(self, *options):
        return self.run_json("audit", self.table(), "--truth", "y", "--positive", "yes", *options)

    def test_says_use_it_where_it_beats_the_baseline(self):
        result = self.audit("--baseline", "luck")
        self.assertEqual(result["baseline"]["verdict"], "better")
        self.assertGreater(result["score"]["score"], 0.7)
        self.assertEqual(result["predictions"], "probability:yes")
        self.assertEqual(result["metric"]["name"], "auc")

    def test_sees_the_column_that_gives_the_truth_away(self):
        result = self.audit("--baseline", "luck")
        self.assertTrue(any("copy" in leak for leak in result["leaks"]), result["leaks"])
        self.assertEqual(result["decision"], "need_more")

    def test_finds_the_slice_that_is_worst(self):
        self.assertEqual(self.audit()["slices"][0]["slice"], "city is Oslo")

    def test_says_do_not_use_what_is_worse(self):
        result = self.audit("--prediction", "luck", "--baseline", "old")
        self.assertEqual(result["decision"], "do_not_use" if result["floor"]["verdict"] == "better" else "need_more")
        worse = self.audit("--prediction", "old", "--baseline", "probability")
        self.assertEqual(worse["baseline"]["verdict"], "worse")

    def test_the_best_of_many_tries_is_worth_less(self):
        once, often = self.audit("--baseline", "old"), self.audit("--baseline", "old", "--tries", "200")
        self.assertGreater(often["baseline"]["p_value"], once["baseline"]["p_value"])
        self.assertLess(often["baseline"]["shrunk"], once["baseline"]["shrunk"])

    def test_finds_rows_that_were_trained_on(self):
        name = self.table()
        lines = (self.folder / name).read_text().splitlines()
        self.write("train.csv", "\n".join(lines[:101]) + "\n")
        result = self.run_json("audit", name, "--truth", "y", "--train", "train.csv")
        self.assertEqual(result["seen_rows"], 100)
        self.assertIsNotNone(result["unseen_score"])

    def test_judges_labels_and_numbers(self):
        self.assertEqual(self.audit("--prediction", "prediction")["metric"]["name"], "accuracy")
        draw = random.Random(2)
        rows = [(x, 2 * x + draw.gauss(0, 0.1)) for x in (draw.gauss(0, 1) for _ in range(200))]
        self.write("n.csv", "y,prediction,old\n" + "".join(f"{y:.4f},{2 * x:.4f},0.0\n" for x, y in rows))
        result = self.run_json("audit", "n.csv", "--truth", "y", "--baseline", "old")
        self.assertEqual((result["task"], result["decision"]), ("regression", "use"))

    def test_takes_the_truth_from_the_table_that_was_predicted(self):
        name = self.table(300)
        lines = [line.split(",") for line in (self.folder / name).read_text().splitlines()]
        self.write("data.csv", "".join(",".join(line[:3]) + "\n" for line in lines))
        self.write("only.csv", "".join(f"{line[6]}\n" for line in lines))
        result = self.run_json("audit", "only.csv", "--data", "data.csv", "--truth", "y", "--positive", "yes")
        self.assertEqual((result["rows"], result["predictions"]), (300, "probability:yes"))
        self.write("short.csv", "".join(f"{line[6]}\n" for line in lines[:-1]))
        self.assertIn("same order", self.run_program("audit", "short.csv", "--data", "data.csv", "--truth", "y", code=3).err)

    def test_the_terminal_begins_with_the_decision(self):
        shown = self.run_program("audit", self.table(), "--truth", "y", "--baseline", "luck").out
        self.assertTrue(shown.startswith("Not settled: "), shown)
        self.assertIn("city is Oslo", shown)

    def test_refuses_what_it_cannot_judge(self):
        name = self.table()
        self.assertIn("truth", self.run_program("audit", name, code=2).err)
        self.run_program("audit", name, "--truth", "nothing", code=3)
        self.run_program("audit", name, "--truth", "y", "--prediction", "city", code=3)
        self.write("gap.csv", "y,prediction\n1.5,1\n2.5,\n3.5,2\n1.1,1\n")
        self.assertIn("row 2", self.run_program("audit", "gap.csv", "--truth", "y", "--task", "regression", code=3).err)


class Certify(EndToEnd):
    def verdicts(self, part, slot, *options):
        result = self.run_json("certify", part, "--as", slot, *options)
        return {entry["name"]: entry["verdict"] for entry in result["properties"]}

    def test_proves_and_refutes(self):
        silu = self.verdicts("x*sigmoid(1.5*x)", "activation")
        self.assertEqual((silu["finite"], silu["increasing"]), ("proved", "refuted"))
        self.assertEqual(self.verdicts("x*sigmoid(1.5*x)", "activation", "--on=0..10")["increasing"], "proved")
        self.assertEqual(self.verdicts("cross_entropy", "loss")["proper"], "proved")
        self.assertEqual(self.verdicts("lr*g", "optimizer")["stable"], "proved")

    def test_the_terminal_says_where(self):
        shown = self.run_program("certify", "relu", "--as", "activation").out
        self.assertIn("by x = 0", shown)

    def test_refuses_what_is_no_part(self):
        self.assertIn("gelu", self.run_program("certify", "gelux", "--as", "activation", code=2).err)
        self.assertIn("activation", self.run_program("certify", "relu", "--as", "colour", code=2).err)
        self.run_program("certify", "relu", "--as", "activation", "--on", "5..1", code=2)


class Experiment(EndToEnd):
    def test_lists_all_with_their_options(self):
        names = [entry["name"] for entry in self.run_json("experiment", "list")["experiments"]]
        self.assertIn("two-layer-linear", names)
        self.assertIn("--kappa", self.run_program("experiment", "list").out)

    def test_results_are_keyed_by_what_is_compared(self):
        result = self.run_json("experiment", "two-layer-linear", "--kappa", "1e5", "--optimizer",
                               "sgd,gauss-newton,lr*sign(g)", "--seeds", "1", "--rates", "1e-2")
        self.assertEqual([row["optimizer"] for row in result["results"]], ["sgd", "gauss-newton", "lr*sign(g)"])
        self.assertIsNone(result["results"][0]["steps"])
        self.assertLess(result["results"][1]["final_loss"], 1e-29)
        self.assertEqual(result["verdict"], "confirmed")

    def test_the_page_draws_it_without_a_script(self):
        self.run_program("experiment", "rounding", "--mode", "nearest,stochastic", "--steps", "200", "--out", "r.html")
        page = (self.folder / "r.html").read_text()
        self.assertIn("<svg", page)
        self.assertNotIn("<script", page)

    def test_one_is_listed_with_what_its_options_mean(self):
        [entry] = self.run_json("experiment", "list", "sharpness")["experiments"]
        self.assertIn("Cohen", entry["source"])
        shown = self.run_program("experiment", "list", "sharpness").out
        self.assertIn("Learning rates", shown)
        self.assertNotIn("batch-norm", shown)
        self.assertIn("sharpness", self.run_program("experiment", "list", "sharpnes", code=2).err)

    def test_trains_nets_with_any_part_and_has_the_curves(self):
        options = ("experiment", "gradient-flow", "--activation", "relu,x*sigmoid(1.5*x)", "--depth", "4", "--steps", "40")
        result = self.run_json(*options)
        self.assertEqual([row["activation"] for row in result["results"]], ["relu", "x*sigmoid(1.5*x)"])
        layers, dead = result["plots"]
        self.assertEqual(layers["curves"][0]["x"], [1, 2, 3, 4])
        self.assertEqual(dead["curves"][1]["name"], "x*sigmoid(1.5*x)")
        self.assertEqual(self.run_json(*options)["plots"], result["plots"])
        shown = self.run_program(*options, "--out", "flow.html").out
        self.assertIn("\u2588", shown)
        self.assertTrue(all(len(line) <= 80 for line in shown.splitlines()), shown)
        self.assertEqual((self.folder / "flow.html").read_text().count("<svg viewBox=\"0 0 640"), 2)

    def test_refuses_parts_without_a_meaning_there(self):
        self.assertIn("loss of numbers", self.run_program("experiment", "sharpness", "--loss", "focal", code=2).err)
        self.assertIn("f(2x)", self.run_program("experiment", "flatness", "--activation", "silu", code=2).err)

    def test_refuses_unknown_names_and_options(self):
        self.assertIn("rounding", self.run_program("experiment", "roundin", code=2).err)
        self.assertIn("--mode", self.run_program("experiment", "rounding", "--mod", "nearest", code=2).err)
        self.run_program("experiment", "rounding", "nearest", code=2)


if __name__ == "__main__":
    unittest.main()
