# SPDX-License-Identifier: Apache-2.0
"""`astrolabe plan-memory`: plans that hold, as tables, pictures and JSON, and what is refused."""

import csv
import pathlib

from program import DATA, EndToEnd, unittest

FIVE = "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n"
# At no time live more than 8 bytes, and yet no plan needs less than 9.
GAP = "id,lower,upper,size\n" + "".join(
    f"b{i},{lower},{upper},{size}\n"
    for i, (size, lower, upper) in enumerate(
        [(4, 5, 11), (1, 4, 7), (4, 0, 1), (4, 0, 4), (3, 6, 7), (4, 8, 17), (3, 2, 6), (1, 1, 5)]))


class PlanMemory(EndToEnd):
    def expect_plan(self, buffers, capacity=None, alignment=1):
        """No two that live at one time overlap."""
        for i, a in enumerate(buffers):
            self.assertEqual(a["offset"] % alignment, 0)
            if capacity is not None:
                self.assertLessEqual(a["offset"] + a["size"], capacity)
            for b in buffers[:i]:
                if a["lower"] < b["upper"] and b["lower"] < a["upper"]:
                    self.assertTrue(a["offset"] + a["size"] <= b["offset"] or b["offset"] + b["size"] <= a["offset"],
                                    f"{a} and {b}")

    def plan(self, text, *options, **more):
        self.write("buffers.csv", text)
        return self.run_json("plan-memory", "buffers.csv", *options, **more)

    def test_places_buffers_within_a_capacity(self):
        result = self.plan(FIVE, "--capacity", "12")
        self.assertEqual([b["id"] for b in result["buffers"]], ["b1", "b2", "b3", "b4", "b5"])
        self.assertEqual((result["peak"], result["lower_bound"], result["fits"]), (12, 12, True))
        self.expect_plan(result["buffers"], 12)

    def test_extra_columns_and_any_order_are_fine(self):
        result = self.plan("size,note,upper,id,lower\n8,big,3,x,-2\n4,,1e1,y,2.0\n")
        self.assertEqual(result["peak"], 12)
        self.assertEqual([(b["id"], b["lower"], b["upper"]) for b in result["buffers"]], [("x", -2, 3), ("y", 2, 10)])

    def test_alignment(self):
        result = self.plan(FIVE, "--alignment", "64")
        self.expect_plan(result["buffers"], alignment=64)
        self.assertEqual(result["peak"], 192)

    def test_writes_a_table_and_a_picture(self):
        self.write("buffers.csv", FIVE.replace("b1", "<b1>"))
        done = self.run_program("plan-memory", "buffers.csv", "--out", "plan.csv", "--svg", "plan.svg")
        self.assertIn("peak", done.out)
        self.assertIn("lower bound", done.out)
        rows = list(csv.DictReader((self.folder / "plan.csv").read_text().splitlines()))
        self.expect_plan([{k: int(v) for k, v in row.items() if k != "id"} for row in rows])
        svg = (self.folder / "plan.svg").read_text()
        self.assertEqual(svg.count("<rect"), 5)
        self.assertNotIn("<b1>", svg)
        quiet = self.run_program("plan-memory", "buffers.csv", "--out", "plan.csv", "--quiet")
        self.assertEqual(quiet.err, "")

    def test_a_plan_read_again_gives_the_same_plan(self):
        self.write("buffers.csv", GAP)
        self.run_program("plan-memory", "buffers.csv", "--out", "first.csv")
        self.run_program("plan-memory", "first.csv", "--out", "second.csv")
        self.assertEqual((self.folder / "first.csv").read_bytes(), (self.folder / "second.csv").read_bytes())

    def test_a_capacity_that_is_proved_too_small_exits_with_1_and_the_best_plan(self):
        result = self.plan(GAP, "--capacity", "8", code=1)
        self.assertEqual((result["peak"], result["lower_bound"], result["most_live"], result["fits"]), (9, 9, 8, False))
        self.expect_plan(result["buffers"], 9)
        done = self.run_program("plan-memory", "buffers.csv", "--capacity", "8", code=1)
        self.assertIn("proved", done.err)
        self.assertIn("does not fit", done.out)

    def test_a_search_that_ends_early_says_how_far_it_came(self):
        done = self.run_program("plan-memory", self.write("buffers.csv", GAP), "--capacity", "8", "--steps", "1", code=1)
        self.assertIn("no plan that fits into 8 bytes was found: the best needs", done.err)
        self.assertIn("--steps", done.err)

    def test_a_capacity_below_what_lives_at_one_time_is_refused(self):
        done = self.run_program("plan-memory", self.write("buffers.csv", FIVE), "--capacity", "11", code=2)
        self.assertIn("at least 12 bytes", done.err)

    def test_tables_that_are_none_are_refused(self):
        head = "id,lower,upper,size\n"
        for text, words in [
            ("", "empty"),
            (head, ""),
            ("id,lower,upper\na,0,1\n", "size"),
            (head + "a,0,1,4\na,2,3,4\n", "'a' in row 1 too"),
            (head + "a,0,1,4\nb,3,3,4\n", "lower 3 and upper 3 in row 2"),
            (head + "a,5,1,4\n", "lower < upper"),
            (head + "a,0,1,-4\n", "-4 in row 1"),
            (head + "a,0,1,NaN\n", "size"),
            (head + "a,0,1,4.5\n", "'4.5' in row 1"),
            (head + "a,0,1,99999999999999999999\n", "size"),
            (head + "a,0,1,4611686018427387904\n", "a size of 0 to"),
            (head + "a,0,inf,4\n", "whole number as upper"),
            (head + "a,0,1,\n", "nothing in row 1"),
            (head + "".join(f"b{i},0,1,1000000000000000000\n" for i in range(9)), "all buffers together"),
        ]:
            with self.subTest(text=text[:60]):
                done = self.run_program("plan-memory", self.write("bad.csv", text), "--capacity", "1M", code=3)
                self.assertIn(words, done.err)
        self.run_program("plan-memory", "absent.csv", code=3)
        self.write("buffers.csv", FIVE)
        self.run_program("plan-memory", "buffers.csv", "--capacity", "-1", code=2)
        self.run_program("plan-memory", "buffers.csv", "--alignment", "0", code=2)

    def test_ten_thousand_buffers_are_placed_by_greed(self):
        rows = "".join(f"b{i},{i % 977},{i % 977 + 1 + i * 7919 % 60},{1 + i * 104729 % 5000}\n" for i in range(10000))
        result = self.plan("id,lower,upper,size\n" + rows, timeout=60)
        self.assertEqual(result["steps"], 0)
        self.assertLess(result["peak"], 1.2 * result["lower_bound"])

    def test_more_than_can_be_drawn_or_planned_is_refused(self):
        rows = [f"b{i},{i},{i + 2},8\n" for i in range(100001)]
        self.write("buffers.csv", "id,lower,upper,size\n" + "".join(rows[:20001]))
        done = self.run_program("plan-memory", "buffers.csv", "--svg", "plan.svg", code=2)
        self.assertIn("at most 20,000 buffers", done.err)
        self.write("buffers.csv", "id,lower,upper,size\n" + "".join(rows))
        self.assertIn("1 to 100,000 buffers", self.run_program("plan-memory", "buffers.csv", code=3).err)

    def test_hard_instances(self):
        folder = pathlib.Path(DATA or "") / "minimalloc"
        if DATA is None or not folder.exists():
            self.skipTest("ASTROLABE_DATA has no minimalloc: its instances are not here")
        for name in "ACEGIK":
            result = self.run_json("plan-memory", folder / f"{name}.1048576.csv", "--capacity", "1M")
            self.assertTrue(result["fits"], name)
            self.assertGreater(result["greedy_peak"], 1 << 20)
            self.expect_plan(result["buffers"], 1 << 20)


if __name__ == "__main__":
    unittest.main()
