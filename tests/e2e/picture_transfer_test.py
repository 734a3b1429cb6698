# SPDX-License-Identifier: Apache-2.0
"""`run --from` and `--grow` with nets of pictures: what is kept, what is said, what is refused."""

import random
import struct

from images_test import bar, idx, png
from program import EndToEnd, unittest

SIDE = 8
NET = "conv3x4-pool2-8"
SMALL = ("--cnn-epochs", "4", "--trials", "1")


def cross(draw, side=SIDE, channels=1):
    """Both bars at once."""
    upright, lying = bar(draw, True, side, channels), bar(draw, False, side, channels)
    return bytes(max(a, b) for a, b in zip(upright, lying, strict=True))


PICTURES = {"lying": lambda *shape: bar(shape[0], False, *shape[1:]), "upright": lambda *shape: bar(shape[0], True, *shape[1:]),
            "cross": cross}


class PictureTransfer(EndToEnd):
    def write_set(self, folder, rows, seed, kinds=("lying", "upright"), side=SIDE, channels=1):
        draw = random.Random(seed)
        for kind in kinds:
            (self.folder / folder / kind).mkdir(parents=True, exist_ok=True)
        for i in range(rows):
            kind = kinds[i % len(kinds)]
            pixels = PICTURES[kind](draw, side, channels)
            self.write(f"{folder}/{kind}/{i:04}.png", png(side, side, channels, pixels))

    def write_idx(self, folder, rows, seed, kinds=2, channels=1):
        """Many pictures in two files."""
        draw = random.Random(seed)
        (self.folder / folder).mkdir()
        names = ("lying", "upright", "cross")
        pixels = b"".join(PICTURES[names[i % kinds]](draw, SIDE, channels) for i in range(rows))
        sizes = [rows, SIDE, SIDE] + ([channels] if channels > 1 else [])
        name = f"{folder}/train-images-idx{len(sizes)}-ubyte"
        self.write(name, idx(sizes, pixels))
        self.write(f"{folder}/train-labels-idx1-ubyte", idx([rows], bytes(i % kinds for i in range(rows))))


class FromPictures(PictureTransfer):
    def old_run(self, *arguments, **keywords):
        self.write_set("before", 300, 1, **keywords)
        return self.run_json("run", "before", "--learner", "cnn", "--architecture", NET, *SMALL, "--out", "old", *arguments)

    def go_on(self, *arguments, out="on", **keywords):
        self.write_set("now", 200, 2, **keywords)
        return self.run_json("run", "now", "--from", "old", *SMALL, "--out", out, *arguments)

    def complaint(self, *arguments, code=2, data="now", model="old"):
        return self.run_program("run", data, "--from", model, *SMALL, "--out", "none", *arguments, code=code).err

    def test_the_same_net_starts_with_the_same_numbers(self):
        self.old_run()
        result = self.go_on()
        start = result["start"]
        self.assertEqual(start["certificate"]["largest_difference"], 0)
        self.assertTrue(start["certificate"]["exact"])
        self.assertEqual(start["certificate"]["warm"], start["certificate"]["fits"])
        self.assertGreater(start["certificate"]["rows"], 100)
        self.assertEqual(start["net"], {"was": NET, "is": NET})
        self.assertEqual(start["columns"]["kept"], ["image"])
        self.assertIn("cnn (from nothing)", [row["system"] for row in result["leaderboard"]])
        self.assertIsNotNone(start["from_nothing"]["gain"])
        self.assertIn("Where it started", (self.folder / "on" / "report.html").read_text())
        done = self.run_program("run", "now", "--from", "old", *SMALL, "--out", "again")
        self.assertRegex(done.out, r"starts as the old model: largest difference 0 on \d+ rows")
        self.assertIn("goes on from old/model.astro, fitted on 300 rows of before", " ".join(done.err.split()))
        # What ships reads pictures, and can be gone on from once more.
        self.write_set("more", 200, 3)
        self.run_program("predict", "on/model.astro", "more", "--out", "p.csv")
        self.assertTrue(self.run_json("run", "more", "--from", "on", *SMALL, "--out", "third")["start"]["certificate"]["exact"])

    def test_wider_and_deeper_nets_with_larger_filters_start_with_the_function(self):
        self.old_run()
        for number, net in enumerate(("conv3x8-pool2-16", "conv5x4-pool2-8", "conv3x4-res-pool2-8-res", "conv5x6-res-pool2-12-res")):
            start = (self.go_on if number == 0 else self.again)("--architecture", net, out=f"on{number}")["start"]
            self.assertEqual(start["net"], {"was": NET, "is": net})
            self.assertTrue(start["certificate"]["exact"], (net, start["certificate"]))
            self.assertLess(start["certificate"]["largest_difference"], 1e-5)

    def again(self, *arguments, out):
        return self.run_json("run", "now", "--from", "old", *SMALL, "--out", out, *arguments)

    def test_a_slot_that_mlp_has_too_is_filled_for_the_net_that_the_model_has(self):
        self.old_run()
        self.write_set("now", 200, 2)
        result = self.run_json("run", "now", "--from", "old", "--trials", "1", "--optimizer", "sgd", "--out", "on")
        self.assertIn("cnn", [row["system"].split("(")[0] for row in result["leaderboard"]])
        self.assertNotIn("mlp", " ".join(row["system"] for row in result["leaderboard"]))
        self.assertEqual(result["start"]["certificate"]["largest_difference"], 0)

    def test_without_normalization_convolutions_may_be_new(self):
        self.old_run("--normalization", "none")
        start = self.go_on("--architecture", "conv3x4-conv3x6-pool2-8-8")["start"]
        self.assertTrue(start["certificate"]["exact"], start["certificate"])
        self.assertLess(start["certificate"]["largest_difference"], 1e-5)

    def test_more_filters_under_layer_normalization_are_not_exact_and_said_to_be(self):
        self.old_run("--normalization", "layer")
        self.go_on("--architecture", "conv3x8-pool2-8")
        done = self.run_program("run", "now", "--from", "old", "--architecture", "conv3x8-pool2-8", *SMALL, "--out", "said")
        self.assertIn("not exact: more channels in a normalization of single pictures", " ".join(done.out.split()))

    def test_a_new_class_folder_joins_and_one_without_pictures_stays(self):
        self.old_run()
        result = self.go_on(kinds=("lying", "upright", "cross"))
        self.assertEqual(result["task"]["kind"], "multiclass")
        self.assertEqual(result["start"]["classes"], {"old": ["lying", "upright"], "new": ["cross"]})
        self.assertEqual(result["task"]["classes"], ["lying", "upright", "cross"])
        self.assertTrue(result["start"]["certificate"]["exact"], result["start"]["certificate"])
        self.assertLess(result["start"]["certificate"]["largest_difference"], 1e-5)
        self.write_set("two", 200, 5)
        back = self.run_json("run", "two", "--from", "on", *SMALL, "--out", "back")
        self.assertEqual(back["task"]["classes"], ["lying", "upright", "cross"])
        self.assertEqual(back["start"]["classes"]["new"], [])
        self.assertLess(back["start"]["certificate"]["largest_difference"], 1e-5)

    def test_pictures_of_another_size_or_colour_are_resized_and_it_is_said(self):
        self.old_run()
        larger = self.go_on(side=12)
        words = "pictures of 12 x 12 grey are resized to 8 x 8 grey, as old/model.astro reads them"
        self.assertIn(words, larger["notes"])
        self.assertEqual(larger["start"]["certificate"]["largest_difference"], 0)
        self.write_set("colour", 200, 4, channels=3)
        done = self.run_program("run", "colour", "--from", "old", *SMALL, "--out", "grey")
        self.assertIn("pictures of 8 x 8 colour are resized to 8 x 8 grey", " ".join(done.err.split()))
        self.assertIn("largest difference 0 on", done.out)

    def test_the_same_bytes_on_any_thread_count_and_after_a_resume(self):
        self.old_run()
        self.go_on("--architecture", "conv3x6-pool2-8")
        self.again("--architecture", "conv3x6-pool2-8", "--threads", "3", out="other")
        model = (self.folder / "on" / "model.astro").read_bytes()
        self.assertEqual((self.folder / "other" / "model.astro").read_bytes(), model)
        self.run_json("run", "--resume", "on", "--trials", "2")
        self.assertEqual((self.folder / "on" / "model.astro").read_bytes(), model)

    def test_what_cannot_be_gone_on_from_is_refused(self):
        self.old_run()
        self.write_set("now", 200, 2)
        self.assertIn("conv3x2-pool2-8 does not contain conv3x4-pool2-8", self.complaint("--architecture", "conv3x2-pool2-8"))
        self.assertIn("does not contain", self.complaint("--architecture", "conv1x4-pool2-8"))
        self.assertIn("does not contain", self.complaint("--architecture", "conv3x4-conv3x4-pool2-8"))
        self.assertIn("normalization layer instead of batch", self.complaint("--learner", "cnn", "--normalization", "layer"))
        self.assertIn("a model with fits of mlp", self.run_program(
            "run", "now", "--from", "old", "--learner", "mlp", "--trials", "1", "--out", "none", code=2).err)
        self.assertIn("the file that it was fitted on", self.complaint(data="before", code=3))
        # Another task: other classes, numbers, no pictures, another target.
        self.write_set("other", 60, 3, kinds=("lying", "upright"))
        for name in ("lying", "upright"):
            (self.folder / "other" / name).rename(self.folder / "other" / f"very-{name}")
        self.assertIn("some of the classes that it knows: lying, upright", self.complaint(data="other", code=3))
        self.assertIn("its target, label", self.complaint("--target", "kind"))
        names = sorted(path.relative_to(self.folder).as_posix() for path in (self.folder / "now").rglob("*.png"))
        self.write("numbers.csv", "image,label\n" + "".join(f"{name},{i / 7:.3f}\n" for i, name in enumerate(names)))
        self.assertIn("binary of label", self.complaint("--target", "label", data="numbers.csv", code=3))
        self.write("words.csv", "image,label\n" + "".join(f"w{i % 5},{'lying' if i % 2 else 'upright'}\n" for i in range(100)))
        self.assertIn("column image of type image", self.complaint("--target", "label", data="words.csv", code=3))
        self.write("none.csv", "a,label\n" + "".join(f"{i % 5},{'lying' if i % 2 else 'upright'}\n" for i in range(100)))
        self.assertIn("none of them", self.complaint("--target", "label", data="none.csv", code=3))
        self.run_json("run", "before", "--learner", "trees(rounds=5)", "--trials", "1", "--out", "trees")
        self.assertIn("a model with fits of cnn", self.complaint("--learner", "cnn", model="trees"))


class GrowPictures(PictureTransfer):
    def first_run(self, channels=1, *arguments):
        self.write_idx("one", 1200, 1, channels=channels)
        return self.run_json("run", "one", "--grow", "--learner", "cnn", "--architecture", NET, *SMALL, "--out", "one-run",
                             *arguments)

    def second_run(self, *arguments, kinds=2, **keywords):
        self.write_idx("two", 1500, 2, kinds=kinds)
        return self.run_json("run", "two", "--from", "one-run", "--grow", "--cnn-epochs", "4", "--trials", "3", "--out", "two-run",
                             *arguments, **keywords)

    def test_a_net_of_pictures_grows_and_remembers(self):
        first = self.first_run()
        self.assertTrue(any("keeps 960 rows to rehearse and 240 to measure by" in note for note in first["notes"]), first["notes"])
        kept = (self.folder / "one-run" / "rehearsal.csv").read_text().splitlines()
        self.assertEqual((kept[0], len(kept)), ("image,label", 961))
        pictures = (self.folder / "one-run" / "rehearsal-pictures.idx").read_bytes()
        self.assertEqual(struct.unpack(">HBBIII", pictures[:16]), (0, 8, 3, 960, SIDE, SIDE))
        self.assertEqual(len(pictures), 16 + 960 * SIDE * SIDE)
        second = self.second_run(kinds=3)
        start = second["start"]
        self.assertTrue(any("after 2,700 rows the net may become conv3x8-pool2-16 or conv3x4-res-pool2-8" in note
                            for note in second["notes"]), second["notes"])
        self.assertEqual(start["old_rows"]["rehearsed"], 960)
        self.assertEqual(start["old_rows"]["judged"], 240)
        self.assertFalse(start["old_rows"]["fell"], start["old_rows"])
        self.assertGreater(start["old_rows"]["after"]["score"], 0)
        self.assertIsNotNone(start["from_nothing"]["gain"])
        self.assertTrue(start["certificate"]["exact"])
        self.assertEqual(start["classes"]["new"], ["2"])
        nets = {row["settings"].get("architecture") for row in second["leaderboard"] if row["learner"] == "cnn"}
        self.assertLessEqual({NET, "conv3x8-pool2-16", "conv3x4-res-pool2-8"}, nets)
        # Rows of both runs are kept for the next one.
        self.assertEqual(len((self.folder / "two-run" / "rehearsal.csv").read_text().splitlines()), 2001)

    def test_pictures_choose_the_learner_and_colour_is_kept(self):
        self.write_idx("one", 1100, 1, channels=3)
        self.run_json("run", "one", "--grow", "--cnn-epochs", "2", "--architecture", NET, "--trials", "1", "--out", "one-run")
        pictures = (self.folder / "one-run" / "rehearsal-judge-pictures.idx").read_bytes()
        self.assertEqual(struct.unpack(">HBBIIII", pictures[:20]), (0, 8, 4, 220, SIDE, SIDE, 3))
        self.write_idx("two", 1100, 2, channels=3)
        done = self.run_program("run", "two", "--from", "one-run", "--grow", "--cnn-epochs", "2", "--trials", "1", "--out", "two-run")
        self.assertIn("rehearses 880 rows of earlier runs", done.err)
        self.assertIn("880 old rows rehearsed", done.out)

    def test_kept_pictures_that_are_gone_are_missed(self):
        self.first_run()
        (self.folder / "one-run" / "rehearsal-pictures.idx").unlink()
        self.assertIn("rehearsal-pictures.idx", self.refused())
        for path in (self.folder / "one-run").glob("rehearsal*"):
            path.unlink()
        result = self.run_json("run", "two", "--from", "one-run", "--grow", *SMALL, "--out", "two-run")
        self.assertTrue(any("neither rehearsed nor measured" in warning for warning in result["warnings"]))

    def refused(self):
        self.write_idx("two", 1500, 2)
        return self.run_program("run", "two", "--from", "one-run", "--grow", *SMALL, "--out", "none", code=3).err


if __name__ == "__main__":
    unittest.main()
