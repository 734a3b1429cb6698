# SPDX-License-Identifier: Apache-2.0
"""`run --from`, `--loss distill(...)` and `--grow`: a model as a place to start from."""

import random

from program import EndToEnd, unittest


def table(rows, seed, extra=False, city=None, three=False, scale=None, drop=()):
    """y follows a and city; `extra` adds a column that matters, `three` a third class, `scale` makes it a number."""
    draw = random.Random(seed)
    names = ["a", "b", "city"] + (["extra"] if extra else []) + ["y"]
    lines = [",".join(name for name in names if name not in drop)]
    for _ in range(rows):
        a, b, e = draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 1)
        place = draw.choice(["Oslo", "Bern", "Rome"] + ([city] if city else []))
        z = a + 0.5 * b + (1 if place == "Rome" else 0) + (e if extra else 0) + 0.3 * draw.gauss(0, 1)
        y = ("yes" if z > 0 else "no") if scale is None else f"{scale * (z + 20):.5f}"
        if three and b > 1:
            y = "maybe"
        cells = {"a": f"{a:.4f}", "b": f"{b:.4f}", "city": place, "extra": f"{e:.4f}", "y": y}
        lines.append(",".join(cells[name] for name in names if name not in drop))
    return "\n".join(lines) + "\n"


SMALL = ("--mlp-epochs", "20", "--trials", "1")


class From(EndToEnd):
    def old_run(self, **keywords):
        def make():
            self.write("old.csv", table(1200, 1, **keywords))
            return self.run_json("run", "old.csv", "--target", "y", "--learner", "mlp", "--architecture", "16", *SMALL,
                                 "--out", "old")

        return self.once(f"old{keywords}", make)

    def go_on(self, text, *arguments, out="on", code=0):
        self.write("new.csv", text)
        return self.run_json("run", "new.csv", "--target", "y", "--from", "old", *SMALL, "--out", out, *arguments,
                             code=code)

    def complaint(self, text, *arguments, code=3, model="old", target="y"):
        if text is not None:
            self.write("new.csv", text)
        return self.run_program("run", "new.csv", "--target", target, "--from", model, "--trials", "1", *arguments,
                                "--out", "none", code=code).err

    def test_a_net_starts_as_the_old_one_with_new_columns_and_categories(self):
        self.old_run()
        result = self.go_on(table(1200, 2, extra=True, city="Lima"), "--architecture", "32-res")
        start = result["start"]
        self.assertEqual(start["columns"]["added"], ["extra"])
        self.assertEqual(sorted(start["columns"]["kept"]), ["a", "b", "city"])
        self.assertEqual(start["new_categories"], {"city": 1})
        self.assertEqual(start["net"], {"was": "16", "is": "32-res"})
        self.assertTrue(start["certificate"]["exact"])
        self.assertEqual(start["certificate"]["rows"], 512)
        self.assertLess(start["certificate"]["largest_difference"], 1e-6)
        self.assertEqual(start["certificate"]["warm"], start["certificate"]["fits"])
        self.assertIn("mlp (from nothing)", [row["system"] for row in result["leaderboard"]])
        self.assertIsNotNone(start["from_nothing"]["gain"])
        page = (self.folder / "on" / "report.html").read_text()
        self.assertIn("Where it started", page)
        self.assertIn("starts as the old model", page)
        # What ships predicts tables with a category that it never met, and goes on once more.
        self.write("later.csv", table(300, 3, extra=True, city="Quito"))
        self.run_program("predict", "on/model.astro", "later.csv", "--out", "p.csv")
        self.write("more.csv", table(1000, 4, extra=True, city="Quito"))
        again = self.run_json("run", "more.csv", "--target", "y", "--from", "on", *SMALL, "--out", "again")
        self.assertEqual(again["start"]["new_categories"], {"city": 1})

    def test_what_is_said_on_the_terminal(self):
        self.old_run()
        self.write("new.csv", table(1000, 2))
        done = self.run_program("run", "new.csv", "--target", "y", "--from", "old", *SMALL, "--out", "on")
        self.assertIn("starts as the old model: largest difference 0 on 512 rows", done.out)
        self.assertIn("from nothing", done.out)

    def test_columns_may_go(self):
        self.old_run()
        start = self.go_on(table(1000, 2, drop=("b",)))["start"]
        self.assertEqual(start["columns"]["gone"], ["b"])
        self.assertLess(start["certificate"]["largest_difference"], 1e-5)
        self.write("later.csv", table(100, 3, drop=("b", "y")))
        self.run_program("predict", "on/model.astro", "later.csv", "--out", "p.csv")

    def test_two_classes_become_three(self):
        self.old_run()
        result = self.go_on(table(1200, 2, three=True))
        self.assertEqual(result["task"]["kind"], "multiclass")
        self.assertEqual(result["task"]["metric"]["name"], "log_loss")
        self.assertEqual(result["start"]["classes"]["new"], ["maybe"])
        self.assertEqual(result["task"]["classes"][2], "maybe")
        self.assertLess(result["start"]["certificate"]["largest_difference"], 1e-6)
        self.assertLess(result["best"]["sealed"]["score"], 0.6)

    def test_a_class_without_new_rows_is_kept(self):
        self.old_run(three=True)
        result = self.go_on(table(1000, 2))
        self.assertEqual(len(result["task"]["classes"]), 3)
        self.assertEqual(result["start"]["classes"]["new"], [])
        self.assertLess(result["start"]["certificate"]["largest_difference"], 1e-6)

    def test_the_target_may_move_to_another_scale(self):
        self.old_run(scale=1)
        start = self.go_on(table(1000, 2, scale=100))["start"]
        self.assertTrue(start["certificate"]["exact"])
        self.assertLess(start["certificate"]["largest_difference"], 1e-4 * start["certificate"]["answer_scale"])
        self.assertGreater(start["from_nothing"]["score"], 0)

    def test_few_new_rows_gain_from_the_old_model(self):
        self.old_run()
        start = self.go_on(table(200, 2))["start"]
        self.assertGreater(start["from_nothing"]["gain"]["score"], 0)

    def test_the_same_bytes_on_any_thread_count_and_after_a_resume(self):
        self.old_run()
        self.go_on(table(1000, 2, extra=True))
        self.run_json("run", "new.csv", "--target", "y", "--from", "old/model.astro", *SMALL, "--threads", "3", "--out",
                      "again")
        model = (self.folder / "on" / "model.astro").read_bytes()
        self.assertEqual((self.folder / "again" / "model.astro").read_bytes(), model)
        resumed = self.run_json("run", "--resume", "on", "--trials", "2")
        self.assertEqual(resumed["start"]["columns"]["added"], ["extra"])
        self.assertEqual((self.folder / "on" / "model.astro").read_bytes(), model)

    def test_what_cannot_be_gone_on_from_is_refused(self):
        self.old_run()
        new = table(300, 2)
        self.assertIn("none of them", self.complaint("p,q,y\n" + "".join(f"{i % 7},{i % 5},{'yes' if i % 3 else 'no'}\n"
                                                                       for i in range(300))))
        self.assertIn("column a of type number", self.complaint(
            "\n".join(line if i == 0 else "low" + line for i, line in enumerate(new.split())) + "\n"))
        self.assertIn("binary of y", self.complaint(table(300, 2, scale=1)))
        self.assertIn("its target, y", self.complaint(new, target="city", code=2))
        self.assertIn("some of the classes that it knows", self.complaint(
            new.replace(",yes", ",ja").replace(",no", ",nein")))
        self.assertIn("does not contain", self.complaint(new, "--architecture", "8", code=2))
        self.assertIn("normalization layer", self.complaint(new, "--normalization", "layer", code=2))
        self.assertIn("a model with fits of trees", self.complaint(new, "--learner", "trees", code=2))
        self.assertIn("can go on", self.complaint(new, "--learner", "linear", code=2))
        (self.folder / "torn.astro").write_bytes((self.folder / "old" / "model.astro").read_bytes()[:2000])
        self.assertIn("torn.astro", self.complaint(new, model="torn.astro"))
        self.write("new.csv", table(1200, 1))
        self.assertIn("the file that it was fitted on", self.complaint(None))

    def test_a_private_model_is_no_place_to_start_from(self):
        self.write("old.csv", table(1500, 1, drop=("city",)))
        self.run_program("run", "old.csv", "--target", "y", "--learner", "mlp", "--privacy",
                         "epsilon=3,delta=1e-4,low=-4,high=4,epochs=2", "--out", "old", "--quiet")
        self.assertIn("a private one", self.complaint(table(300, 2, drop=("city",)), code=2))

    def test_trees_and_nets_of_one_model_go_on_together_while_the_schema_is_the_same(self):
        self.write("old.csv", table(1200, 1))
        self.run_json("run", "old.csv", "--target", "y", "--learner", "trees,mlp(architecture=16)", "--stack", "on",
                      "--mlp-epochs", "10", "--trials", "2", "--out", "old")
        self.write("new.csv", table(800, 2, extra=True))
        result = self.run_json("run", "new.csv", "--target", "y", "--from", "old", "--trials", "2", "--out", "on")
        systems = {row["learner"] for row in result["leaderboard"]}
        self.assertTrue(systems & {"trees", "mlp"})


class FromTrees(EndToEnd):
    """Going on from boosted trees: with --resume, several classes, a ranking."""

    def test_several_classes(self):
        self.write("old.csv", table(1500, 1, three=True))
        self.write("new.csv", table(400, 2, three=True))
        self.write("later.csv", table(1500, 3, three=True))
        self.run_json("run", "old.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "old")
        result = self.run_json("run", "new.csv", "--target", "y", "--from", "old", "--trials", "1", "--out", "on")
        self.assertEqual(result["task"]["kind"], "multiclass")
        self.assertEqual(result["start"]["system"], "trees")
        self.assertGreater(result["start"]["from_nothing"]["gain"]["score"], 0)
        self.run_json("run", "new.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "fresh")
        scores = [self.run_json("score", f"{name}/model.astro", "later.csv")["metrics"]["log_loss"]["score"]
                  for name in ("on", "fresh")]
        self.assertLess(scores[0], scores[1])
        # A class that trees do not know needs a net.
        self.write("new.csv", table(400, 2).replace(",yes", ",never"))
        self.assertIn("the classes that it knows", self.run_program(
            "run", "new.csv", "--target", "y", "--from", "old", "--trials", "1", "--out", "none", code=3).err)

    def test_a_ranking(self):
        def ranking(queries, seed):
            draw = random.Random(seed)
            rows = []
            for query in range(queries):
                for _ in range(10):
                    a, b = draw.gauss(0, 1), draw.gauss(0, 1)
                    rows.append(f"q{seed}-{query},{a:.4f},{b:.4f},{max(0, min(4, int(1.5 + a + 0.4 * draw.gauss(0, 1))))}")
            return "query,a,b,relevance\n" + "\n".join(rows) + "\n"

        self.write("old.csv", ranking(150, 1))
        self.write("new.csv", ranking(40, 2))
        ask = ("--target", "relevance", "--group", "query")
        self.run_json("run", "old.csv", *ask, "--learner", "trees", "--trials", "1", "--out", "old")
        result = self.run_json("run", "new.csv", *ask, "--from", "old", "--trials", "1", "--out", "on")
        self.assertEqual(result["task"]["kind"], "ranking")
        self.assertIsNotNone(result["start"]["from_nothing"]["gain"])
        self.assertIn("regression of relevance", self.run_program(
            "run", "new.csv", "--target", "relevance", "--task", "regression", "--from", "old", "--trials", "1", "--out",
            "none", code=3).err)

    def test_a_run_that_went_on_can_be_resumed(self):
        self.write("old.csv", table(1200, 1))
        self.write("new.csv", table(1000, 2))
        self.run_json("run", "old.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "old")
        go_on = ("run", "new.csv", "--target", "y", "--from", "old", "--learner", "trees", "--trees-max-leaves", "4,8,15")
        whole = self.run_json(*go_on, "--trials", "3", "--out", "whole")
        self.run_json(*go_on, "--trials", "1", "--out", "parts")
        resumed = self.run_json("run", "--resume", "parts", "--trials", "3")
        self.assertTrue(any("goes on from" in note for note in resumed["notes"]), resumed["notes"])
        self.assertEqual((self.folder / "parts" / "model.astro").read_bytes(),
                         (self.folder / "whole" / "model.astro").read_bytes())
        self.assertEqual(len(whole["leaderboard"]), len(resumed["leaderboard"]))


class Distill(EndToEnd):
    def test_a_small_net_learns_from_a_forest(self):
        self.write("t.csv", table(1200, 1))
        self.run_json("run", "t.csv", "--target", "y", "--learner", "forest", "--trials", "1", "--out", "teacher")
        result = self.run_json("run", "t.csv", "--target", "y", "--learner", "mlp(architecture=8)", "--loss",
                               "distill(teacher/model.astro, 3, 0.6)", *SMALL, "--out", "student")
        row = next(row for row in result["leaderboard"] if row["learner"] == "mlp")
        self.assertEqual(row["settings"]["distill_share"], 0.6)
        self.assertEqual(row["settings"]["distill_temperature"], 3)
        self.assertTrue(any("only the sealed score" in note for note in result["notes"]), result["notes"])
        self.assertGreater(result["best"]["sealed"]["score"], 0.8)
        # It needs no teacher any more.
        (self.folder / "teacher" / "model.astro").unlink()
        self.run_program("predict", "student/model.astro", "t.csv", "--out", "p.csv")

    def test_numbers_and_several_classes_are_taught_too(self):
        for name, keywords in {"numbers": {"scale": 2}, "classes": {"three": True}}.items():
            self.write("t.csv", table(1200, 1, **keywords))
            self.run_json("run", "t.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "t-" + name)
            result = self.run_json("run", "t.csv", "--target", "y", "--learner", "mlp(architecture=8)", "--loss",
                                   f"distill(t-{name})", *SMALL, "--out", "s-" + name)
            self.assertEqual(result["best"]["system"], "mlp")

    def test_temperature_and_share_may_be_stars(self):
        self.write("t.csv", table(1200, 1))
        self.run_json("run", "t.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "teacher")
        result = self.run_json("run", "t.csv", "--target", "y", "--learner", "mlp(architecture=8)", "--loss",
                               "distill(teacher, *, 0.2..0.9)", "--mlp-epochs", "10", "--trials", "4", "--out", "student")
        rows = [row["settings"] for row in result["leaderboard"] if row["learner"] == "mlp"]
        self.assertGreater(len({row["distill_temperature"] for row in rows}), 1, rows)
        for row in rows:
            self.assertTrue(1 <= row["distill_temperature"] <= 16 and 0.2 <= row["distill_share"] <= 0.9, row)

    def test_what_is_no_lesson_is_refused(self):
        self.write("t.csv", table(1200, 1))
        self.run_json("run", "t.csv", "--target", "y", "--learner", "linear", "--trials", "1", "--out", "teacher")

        def complaint(loss, *arguments, code=2, data="t.csv"):
            return self.run_program("run", data, "--target", "y", "--loss", loss, *SMALL, "--out", "none", *arguments,
                                    code=code).err

        self.assertIn("'cold'", complaint("distill(teacher, cold)"))
        self.assertIn("no model", complaint("distill()"))
        self.assertIn("'0.05..2'", complaint("distill(teacher, 0.05..2)"))
        self.assertIn("'0.9..0.2'", complaint("distill(teacher, 4, 0.9..0.2)"))
        self.assertIn("closing parenthesis", complaint("distill(teacher"))
        self.assertIn("can be taught", complaint("distill(teacher)", "--learner", "trees"))
        self.assertIn("nowhere", complaint("distill(nowhere.astro)", code=3))
        self.assertIn("--seed 1", complaint("distill(teacher)", "--seed", "2", code=3))
        self.write("n.csv", table(1200, 1, scale=1))
        self.assertIn("of the same question", complaint("distill(teacher)", data="n.csv", code=3))
        self.write("m.csv", table(1200, 1, three=True))
        self.assertIn("knows every class", complaint("distill(teacher)", data="m.csv", code=3))


class Grow(EndToEnd):
    def test_a_model_grows_as_data_comes_and_remembers(self):
        self.write("one.csv", table(1500, 1))
        self.write("two.csv", table(2500, 2, extra=True))
        first = self.run_json("run", "one.csv", "--target", "y", "--learner", "mlp", "--architecture", "16-16", "--grow",
                              *SMALL, "--out", "one")
        self.assertTrue(any("keeps" in note for note in first["notes"]), first["notes"])
        kept = (self.folder / "one" / "rehearsal.csv").read_text().splitlines()
        self.assertEqual(kept[0], "a,b,city,y")
        self.assertLessEqual(len(kept), 2001)
        second = self.run_json("run", "two.csv", "--target", "y", "--from", "one", "--grow", "--mlp-epochs", "20", "--trials",
                               "3", "--out", "two")
        start = second["start"]
        self.assertEqual(start["old_rows"]["rehearsed"], len(kept) - 1)
        self.assertEqual(start["old_rows"]["judged"], 300)
        self.assertFalse(start["old_rows"]["fell"])
        self.assertGreater(start["old_rows"]["after"]["score"], start["old_rows"]["before"]["score"] - 0.05)
        nets = {row["settings"]["architecture"] for row in second["leaderboard"] if row["learner"] == "mlp"}
        self.assertIn("32-32", nets)
        self.assertTrue(any("after 4,000 rows the net may become" in note for note in second["notes"]), second["notes"])
        # Rows of both runs are kept for the next one.
        text = (self.folder / "two" / "rehearsal.csv").read_text()
        self.assertEqual(text.splitlines()[0], "a,b,city,extra,y")
        self.assertTrue(any(line.split(",")[3] == "" for line in text.splitlines()[1:]))

    def test_without_kept_rows_it_says_what_cannot_be_known(self):
        self.write("one.csv", table(1200, 1))
        self.run_json("run", "one.csv", "--target", "y", "--learner", "mlp", *SMALL, "--out", "one")
        self.write("two.csv", table(1200, 2))
        result = self.run_json("run", "two.csv", "--target", "y", "--from", "one", "--grow", *SMALL, "--out", "two")
        self.assertTrue(any("neither rehearsed nor measured" in warning for warning in result["warnings"]))

    def test_numbers_grow_too(self):
        self.write("one.csv", table(1200, 1, scale=1))
        self.run_json("run", "one.csv", "--target", "y", "--grow", *SMALL, "--out", "one")
        self.write("two.csv", table(1200, 2, scale=1))
        result = self.run_json("run", "two.csv", "--target", "y", "--from", "one", "--grow", *SMALL, "--out", "two")
        self.assertIsNotNone(result["start"]["old_rows"]["change"])

    def test_what_does_not_grow_is_refused(self):
        self.write("one.csv", table(1200, 1))
        for arguments in (("--learner", "trees"), ("--refit",), ("--stack", "on")):
            self.assertIn("--grow", self.run_program("run", "one.csv", "--target", "y", "--grow", "--trials", "1", *arguments,
                                                     "--out", "none", code=2).err)


if __name__ == "__main__":
    unittest.main()
