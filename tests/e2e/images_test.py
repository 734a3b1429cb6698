# SPDX-License-Identifier: Apache-2.0
"""Pictures, from file to prediction: folders, IDX, CIFAR, names in a table; and what is refused."""

import csv
import gzip
import io
import pathlib
import random
import struct
import zlib

from program import DATA, EndToEnd, unittest


def png(width, height, channels, pixels):
    """8 bits a channel, grey or colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = width * channels
    raw = b"".join(b"\0" + pixels[y * line : (y + 1) * line] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def bar(draw, upright, side=8, channels=1):
    """A bright bar, upright or lying, in the second quarter of the side, on noise."""
    at = draw.randrange(side // 4, side // 2)
    pixels = bytearray()
    for y in range(side):
        for x in range(side):
            lit = (x if upright else y) == at
            pixels += bytes(draw.randrange(170, 256) if lit else draw.randrange(0, 90) for _ in range(channels))
    return bytes(pixels)


def idx(sizes, data):
    return bytes([0, 0, 8, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + data


class Images(EndToEnd):
    def write_deep(self, name, content):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        return self.write(name, content)

    def write_bars(self, folder, rows, seed=1, side=8):
        draw = random.Random(seed)
        for i in range(rows):
            kind = "upright" if i % 2 else "lying"
            self.write_deep(f"{folder}/{kind}/{i:03}.png", png(side, side, 1, bar(draw, i % 2 == 1, side)))

    def write_idx(self, folder, rows, test_rows):
        draw = random.Random(7)
        for part, count in (("train", rows), ("t10k", test_rows)):
            labels = bytes(i % 2 for i in range(count))
            pixels = b"".join(bar(draw, label == 1) for label in labels)
            self.write_deep(f"{folder}/{part}-images-idx3-ubyte.gz", gzip.compress(idx([count, 8, 8], pixels)))
            self.write_deep(f"{folder}/{part}-labels-idx1-ubyte.gz", gzip.compress(idx([count], labels)))

    def predictions(self, *arguments, **keywords):
        done = self.run_program("predict", *arguments, **keywords)
        return list(csv.DictReader(io.StringIO(done.out))), done.err

    def test_class_folders_are_learnt_and_new_pictures_predicted(self):
        self.write_bars("photos", 240)
        done = self.run_program("run", "photos/", "--learner", "trees(rounds=30)", "--trials", "1", "--out", "r")
        self.assertIn("class folders of PNG and JPEG", done.err)
        result = self.run_json("run", "photos", "--learner", "trees(rounds=30)", "--trials", "1")
        self.assertEqual((result["task"]["target"], result["task"]["kind"]), ("label", "binary"))
        self.assertGreater(result["best"]["sealed"]["score"], 0.9)
        self.assertTrue((self.folder / "runs" / "photos" / "model.astro").exists())
        page = (self.folder / "r" / "report.html").read_text()
        self.assertIn("Some of the pictures", page)
        self.assertIn("data:image/bmp;base64,Qk", page)

        # A folder, of another size; a picture alone; the names of the files are told.
        self.write_bars("new", 20, seed=5, side=16)
        rows, err = self.predictions("r/model.astro", "new")
        self.assertIn("resized to 8 x 8 grey", err)
        self.assertEqual(list(rows[0]), ["prediction", "probability:lying", "probability:upright", "file"])
        self.assertEqual((len(rows), rows[0]["file"]), (20, "lying/000.png"))
        one, _ = self.predictions("r/model.astro", "new/upright/001.png")
        self.assertEqual((len(one), one[0]["file"]), (1, "001.png"))
        self.write_bars("judge", 60, seed=9)
        score = self.run_json("score", "r/model.astro", "judge")
        self.assertEqual(score["rows"], 60)
        self.assertGreater(score["metrics"]["auc"]["score"], 0.9)
        self.assertIn("8 x 8 grey", self.run_program("show", "r").out)

    def test_the_test_part_of_an_idx_set_is_the_sealed_score(self):
        self.write_idx("bars", 300, 80)
        result = self.run_json("run", "bars", "--learner", "mlp(architecture=32)", "--trials", "1", "--out", "r")
        self.assertEqual(result["best"]["sealed"]["label"], "test part")
        self.assertEqual(result["best"]["sealed"]["rows"], 80)
        self.assertGreater(result["best"]["sealed"]["score"], 0.9)
        rows, err = self.predictions("r/model.astro", "bars")
        self.assertEqual(len(rows), 80)
        self.assertIn("t10k-images-idx3-ubyte.gz, the test part of the set, is read", err)
        self.assertEqual(self.run_json("score", "r/model.astro", "bars/train-images-idx3-ubyte.gz")["rows"], 300)

    def test_the_same_bytes_on_any_number_of_threads(self):
        self.write_bars("photos", 120)
        for threads in ("1", "2"):
            self.run_program("run", "photos", "--learner", "linear", "--trials", "1", "--threads", threads, "--out", threads)
        one, two = ((self.folder / n / "model.astro").read_bytes() for n in ("1", "2"))
        self.assertEqual(one, two)

    def test_nets_of_pictures_have_the_same_bytes_on_any_pool_and_instruction_set(self):
        self.write_bars("photos", 60)
        models = set()
        for instructions, threads in (("plain", "1"), ("avx2", "2"), ("avx512", "7")):
            self.run_program("run", "photos", "--learner", "cnn(architecture=conv3x8-pool2-gap,epochs=1)", "--trials", "1",
                             "--threads", threads, "--out", instructions, env={"ASTROLABE_INSTRUCTION_SET": instructions})
            models.add((self.folder / instructions / "model.astro").read_bytes())
        self.assertEqual(len(models), 1)

    def test_names_in_a_table_stand_beside_other_columns(self):
        draw = random.Random(3)
        lines = ["photo,x,y"]
        for i in range(200):
            self.write_deep(f"p/{i}.png", png(6, 6, 3, bar(draw, i % 2 == 1, 6, 3)))
            lines.append(f"p/{i}.png,{draw.random():.3f},{'yes' if i % 2 else 'no'}")
        self.write("t.csv", "\n".join(lines) + "\n")
        result = self.run_json("run", "t.csv", "--target", "y", "--learner", "trees(rounds=20)", "--trials", "1", "--out", "r")
        note = "names pictures, which are read as 6 x 6 colour; --types photo=text"
        self.assertTrue(any(note in line for line in result["notes"]), result["notes"])
        rows, _ = self.predictions("r/model.astro", "t.csv")
        self.assertEqual(len(rows), 200)
        self.assertGreater(sum(row["prediction"] == "yes" for row in rows[1::2]), 90)
        # One that is gone is predicted as a missing picture, and said.
        self.write("gone.csv", "photo,x\np/1.png,0.5\np/none.png,0.5\n")
        rows, err = self.predictions("r/model.astro", "gone.csv")
        self.assertEqual(len(rows), 2)
        self.assertIn("p/none.png (nothing of that name)", err)

    def test_damaged_pictures_are_named_counted_and_left_out(self):
        self.write_bars("photos", 60)
        whole = (self.folder / "photos/upright/001.png").read_bytes()
        self.write("photos/upright/001.png", whole[:-20])
        self.write("photos/lying/x.jpg", b"\xff\xd8\xff\xe0 and no more")
        result = self.run_json("run", "photos", "--learner", "baseline", "--trials", "1")
        self.assertTrue(any("2 of 61 pictures cannot be read" in line and "upright/001.png (cut off)" in line
                            for line in result["notes"]), result["notes"])

    def refusal(self, *arguments, code=3):
        return self.run_program("run", *arguments, "--learner", "baseline", "--trials", "1", code=code).err

    def test_what_cannot_be_learnt_from_is_refused(self):
        (self.folder / "empty").mkdir()
        self.assertIn("a directory without pictures", self.refusal("empty"))
        for i in range(8):
            self.write_deep(f"flat/{i}.png", png(2, 2, 1, bytes([i, 0, 0, 0])))
            self.write_deep(f"one/only/{i}.png", png(2, 2, 1, bytes([i, 0, 0, 0])))
        self.assertIn("pictures without classes", self.refusal("flat"))
        self.assertIn("label", self.refusal("one"))
        self.write_deep("set/train-images-idx3-ubyte", idx([2, 1, 1], b"ab"))
        self.write_deep("set/train-labels-idx1-ubyte", idx([3], b"abc"))
        self.assertIn("2 labels, one for each picture", self.refusal("set"))
        self.write_deep("cifar/train.bin", b"short")
        self.assertIn("CIFAR-10", self.refusal("cifar"))
        self.write("t.csv", "a,b\n1,2\n")
        self.assertIn("--target", self.refusal("t.csv", code=2))

    def test_fashion_mnist_is_read_in_seconds(self):
        if DATA is None or not (pathlib.Path(DATA) / "images" / "fashion-mnist").exists():
            self.skipTest("ASTROLABE_DATA has no images here")
        result = self.run_json("run", pathlib.Path(DATA) / "images" / "fashion-mnist", "--learner", "baseline", "--trials", "1")
        self.assertEqual(result["best"]["sealed"]["rows"], 10_000)
        self.assertEqual(result["data"]["columns"][0]["picture"], {"width": 28, "height": 28, "channels": 1})


if __name__ == "__main__":
    unittest.main()
