# SPDX-License-Identifier: Apache-2.0
"""`astrolabe tune`: schedules are measured, kept, used, listed and forgotten, and no model changes by them."""

import random
import sqlite3
import struct

from program import EndToEnd, classification_csv, unittest


class Tune(EndToEnd):
    def setUp(self):
        super().setUp()
        self.database = self.folder / "cache" / "schedules.db"
        self.env = {"ASTROLABE_SCHEDULES": str(self.database)}

    def tune(self, *arguments, **keywords):
        return self.run_json("tune", *arguments, env=self.env, **keywords)

    def train(self, out, **env):
        self.run_program("run", "t.csv", "--target", "y", "--learner", "mlp", "--mlp-epochs", "3", "--trials", "1",
                         "--mlp-architecture", "40-24", "--out", out, "--quiet", env={**self.env, **env})
        return (self.folder / out / "model.astro").read_bytes()


    def write_pictures(self):
        """Bars of 8 x 8, upright or lying, as the two files of an IDX set."""
        draw, pixels, labels = random.Random(5), bytearray(), bytearray()
        for row in range(200):
            at, upright = draw.randrange(2, 6), row % 2
            pixels += bytes(200 * ((i % 8 if upright else i // 8) == at) + draw.randrange(50) for i in range(64))
            labels.append(upright)
        (self.folder / "bars").mkdir()
        for name, sizes, data in (("images-idx3", (200, 8, 8), pixels), ("labels-idx1", (200,), labels)):
            header = bytes([0, 0, 8, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes)
            (self.folder / "bars" / f"train-{name}-ubyte").write_bytes(header + data)

    def train_pictures(self, out, **env):
        self.run_program("run", "bars", "--learner", "cnn(architecture=conv3x8-conv3x16/2-gap-200, epochs=2)", "--trials", "1",
                         "--out", out, "--quiet", env={**self.env, **env}, timeout=300)
        return (self.folder / out / "model.astro").read_bytes()


class Shapes(Tune):
    def test_by_hand_are_measured_and_kept(self):
        result = self.tune("--shapes", "8x200x300, 64x40x50 NT", "--time", "2s")
        self.assertEqual({row["shape"] for row in result["shapes"]}, {"8x200x300 NN", "64x40x50 NT"})
        for row in result["shapes"]:
            self.assertGreater(row["default_gflops"], 0)
            self.assertLessEqual(row["gain"]["low"], row["gain"]["score"])
            self.assertEqual(row["kept"], row["schedule"] != "")
        self.assertGreaterEqual(result["mean_gain"]["all"], 1)
        self.assertTrue(self.database.exists())
        self.assertFalse((self.database.parent / "schedules.db-wal").exists())
        listed = self.tune("--list")
        self.assertEqual(len(listed["shapes"]), 2)
        self.assertEqual(self.tune("--clear")["forgotten"], 2)
        self.assertEqual(self.tune("--list")["shapes"], [])

    def test_of_a_file_with_comments(self):
        self.write("shapes.txt", "# layers\n16x16x16\n\n16x32x8 TN  # a gradient\n")
        result = self.tune("--shapes", "shapes.txt", "--time", "1s")
        self.assertEqual({row["shape"] for row in result["shapes"]}, {"16x16x16 NN", "16x32x8 TN"})

    def test_shared_by_two_threads(self):
        result = self.tune("--shapes", "64x64x64", "--threads", "2", "--time", "1s")
        self.assertEqual([row["threads"] for row in result["shapes"]], [1, 2])

    def test_are_shown_to_people(self):
        done = self.run_program("tune", "--shapes", "8x200x300", "--time", "1s", env=self.env)
        self.assertIn("8x200x300 NN", done.out)
        self.assertIn("Geometric mean", done.out)
        self.assertIn(str(self.database), done.err)
        self.assertIn("Kept", done.err)

    def test_of_convolutions_by_hand(self):
        result = self.tune("--shapes", "conv 4x8x8x4 3x3x8, conv-filters 4x8x8x4 3x3x8 steps=2x2, 16x16x16", "--time", "3s")
        by_kind = {row["shape"]: row for row in result["shapes"] if row["kind"] == "convolution"}
        self.assertEqual(set(by_kind), {"conv 4x8x8x4 3x3x8", "conv-filters 4x8x8x4 3x3x8 4x4 steps=2x2 before=0x0"})
        for row in by_kind.values():
            self.assertGreater(row["tuned_gflops"], 0)
        self.assertEqual(result["programs"], [])
        self.assertGreater(self.tune("--list")["shapes"][-1]["default_gflops"], 0)

    def test_for_which_there_is_no_time_are_named(self):
        result = self.tune("--shapes", "256x256x256,32x32x32,16x16x16", "--time", "0.2s")
        self.assertGreater(result["left_out"], 0)


class Runs(Tune):
    def test_of_a_net_are_its_training_and_its_answers(self):
        self.write("t.csv", classification_csv(600))
        before = self.train("r")
        result = self.tune("--shapes", "r", "--time", "6s")
        kinds = {row["kind"] for row in result["shapes"]}
        self.assertEqual(kinds, {"product", "nest"})
        self.assertTrue(any("training step" in row["where"] for row in result["shapes"]))
        self.assertTrue(any("answers" in row["where"] for row in result["shapes"]))
        self.assertEqual(self.train("again"), before, "schedules change no byte of a model")
        self.assertEqual(self.train("off", ASTROLABE_SCHEDULES="off"), before)

        names = {program["name"] for program in result["programs"]}
        self.assertLessEqual({row["where"] for row in result["shapes"]}, names)
        self.assertEqual(len(names), len(result["programs"]))
        for program in result["programs"]:
            self.assertGreater(program["tuned_us"], 0)
            self.assertLessEqual(program["gain"]["low"], program["gain"]["high"])

    def test_of_pictures_list_convolutions_beside_products_and_nests(self):
        self.write_pictures()
        before = self.train_pictures("r")
        result = self.tune("--shapes", "r", "--time", "20s", timeout=300)
        shapes = result["shapes"]
        kinds = {row["kind"] for row in shapes}
        directions = {row["shape"].split()[0] for row in shapes if row["kind"] == "convolution"}
        self.assertIn("convolution", kinds)
        if result["left_out"] == 0:  # a loaded machine does not get to all of them
            self.assertEqual(kinds, {"product", "convolution", "nest"})
            self.assertEqual(directions, {"conv", "conv-input", "conv-filters"})
        self.assertGreaterEqual(result["mean_gain"]["convolutions"], 1)
        steps = [program for program in result["programs"] if "training step" in program["name"]]
        self.assertGreaterEqual(len(steps), 1)
        self.assertEqual(self.train_pictures("again"), before, "schedules change no byte of a model")
        self.assertEqual(self.train_pictures("off", ASTROLABE_SCHEDULES="off"), before)
        shown = self.run_program("tune", "--list", env=self.env).out
        self.assertIn("conv ", shown)

    def test_of_trees_have_no_shapes(self):
        self.write("t.csv", classification_csv(300))
        self.run_program("run", "t.csv", "--target", "y", "--learner", "trees", "--trials", "1", "--out", "r", "--quiet")
        done = self.run_program("tune", "--shapes", "r", code=3, env=self.env)
        self.assertIn("trees", done.err)
        self.assertIn("--learner mlp", done.err)


class Database(Tune):
    def test_that_is_broken_is_one_warning(self):
        self.database.parent.mkdir()
        self.database.write_bytes(b"not a database " * 500)
        self.write("t.csv", classification_csv(300))
        done = self.run_program("run", "t.csv", "--target", "y", "--learner", "mlp", "--mlp-epochs", "2", "--trials", "1",
                                "--out", "r", env=self.env)
        self.assertEqual(done.err.count("schedules are not used"), 1)
        self.run_program("tune", "--shapes", "8x8x8", "--time", "1s", code=3, env=self.env)

    def test_of_a_newer_build_is_refused_by_tune_and_ignored_by_runs(self):
        self.tune("--shapes", "8x8x8", "--time", "1s")
        with sqlite3.connect(self.database) as raw:
            raw.execute("PRAGMA user_version = 99")
        raw.close()
        done = self.run_program("tune", "--list", code=3, env=self.env)
        self.assertIn("99", done.err)
        self.write("t.csv", classification_csv(300))
        self.assertTrue(self.train("r"))

    def test_in_a_read_only_folder_is_still_read(self):
        self.tune("--shapes", "8x8x8", "--time", "1s")
        self.database.parent.chmod(0o555)
        self.addCleanup(self.database.parent.chmod, 0o755)
        self.assertEqual(len(self.tune("--list")["shapes"]), 1)

    def test_is_where_the_option_says(self):
        self.tune("--shapes", "8x8x8", "--time", "1s", "--database", "mine.db")
        self.assertTrue((self.folder / "mine.db").exists())
        self.assertFalse(self.database.exists())


class BadInput(Tune):
    def refuse(self, *arguments, code, says):
        done = self.run_program("tune", *arguments, code=code, env=self.env)
        for text in says:
            self.assertIn(text, done.err)
        self.assertFalse(self.database.exists(), "nothing is made for what is refused")

    def test_is_told_what_a_shape_is(self):
        self.refuse("--shapes", "128x784", code=2, says=["128x784", "such as 128x784x256"])
        self.refuse("--shapes", "128x784x256 NX", code=2, says=["NX"])
        self.refuse("--shapes", "128x0x256", code=2, says=["128x0x256"])
        self.refuse("--shapes", "8x8x8,what", code=2, says=["'what'"])
        self.refuse("--shapes", "conv 8x8", code=2, says=["conv 64x28x28x16 3x3x32", "'conv 8x8'"])

    def test_is_told_that_there_is_no_such_folder(self):
        self.refuse("--shapes", "runs/none", code=3, says=["runs/none", "no such file or folder"])

    def test_is_told_that_shapes_are_missing(self):
        self.refuse(code=2, says=["--shapes"])

    def test_names_the_line_of_a_list(self):
        self.write("shapes.txt", "8x8x8\n8x8\n")
        self.refuse("--shapes", "shapes.txt", code=3, says=["line 2", "8x8"])
        self.write("empty.txt", "# nothing\n")
        self.refuse("--shapes", "empty.txt", code=3, says=["none"])


if __name__ == "__main__":
    unittest.main()
