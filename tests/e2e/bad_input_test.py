# SPDX-License-Identifier: Apache-2.0
"""Bad input: exit 3 with a message that says what to do, and nothing lost or overwritten."""

import gzip
import os

from program import EndToEnd, classification_csv, unittest


class BadInput(EndToEnd):
    def refused(self, *arguments, says, code=3):
        done = self.run_program(*arguments, code=code)
        for text in says:
            self.assertIn(text, done.err)
        self.assertFalse((self.folder / "runs").exists(), "a refused run leaves no folder")
        return done

    def test_absent_file(self):
        self.refused("run", "nowhere.csv", "--target", "y", says=["nowhere.csv"])

    def test_empty_file(self):
        self.write("t.csv", "")
        self.refused("run", "t.csv", "--target", "y", says=["t.csv", "empty"])

    def test_folder_instead_of_a_file(self):
        (self.folder / "t.csv").mkdir()
        self.refused("run", "t.csv", "--target", "y", says=["t.csv"])

    @unittest.skipIf(os.geteuid() == 0, "root may read every file, so an unreadable one cannot be made")
    def test_unreadable_file(self):
        self.write("t.csv", "a,y\n1,2\n").chmod(0)
        self.refused("run", "t.csv", "--target", "y", says=["t.csv"])

    def test_header_only(self):
        self.write("t.csv", "a,b,y\n")
        self.refused("run", "t.csv", "--target", "y", "--header", says=["row"])

    def test_no_rows_left_without_a_target(self):
        self.write("t.csv", "a,y\n" + "1,\n" * 50)
        self.refused("run", "t.csv", "--target", "y", says=["y"])

    def test_one_class(self):
        self.write("t.csv", "a,y\n" + "".join(f"{i},yes\n" for i in range(50)))
        self.refused("run", "t.csv", "--target", "y", says=["yes", "class"])

    def test_constant_target(self):
        self.write("t.csv", "a,y\n" + "".join(f"{i},2.5\n" for i in range(50)))
        self.refused("run", "t.csv", "--target", "y", says=["varies"])

    def test_ragged_row_names_its_line(self):
        self.write("t.csv", "a,b,y\n1,2,no\n1,2,yes\n1,2\n1,2,no\n")
        self.refused("run", "t.csv", "--target", "y", says=["line 4", "3", "2"])

    def test_invalid_utf8_names_its_offset(self):
        self.write("t.csv", b"a,y\n1,no\n2,y\xffs\n3,no\n")
        self.refused("run", "t.csv", "--target", "y", says=["UTF-8", "12"])

    def test_a_huge_field(self):
        self.write("t.csv", b"a,y\n1,no\n" + b"x" * 100_000_000 + b",yes\n1,no\n")
        self.refused("run", "t.csv", "--target", "y", says=["field"])

    def test_duplicate_column_names(self):
        self.write("t.csv", "a,b,a,y\n1,2,3,no\n1,2,3,yes\n")
        self.refused("run", "t.csv", "--target", "y", says=['"a"'])

    def test_a_target_that_is_not_there_offers_the_nearest(self):
        self.write("t.csv", classification_csv(50).replace("city", "town"))
        self.refused("run", "t.csv", "--target", "twon", says=["town"])

    def test_test_file_with_unknown_labels(self):
        train = self.shared("adult.data.gz")
        test = self.shared("adult.test.gz")
        self.refused("run", train, "--target", "15", "--no-header", "--test", test,
                     says=["<=50K.", "<=50K", "adult.test.gz", "row"])

    def test_damaged_model_file(self):
        self.write("t.csv", classification_csv(60))
        self.run_program("run", "t.csv", "--target", "y", "--trials", "1", "--out", "r")
        whole = (self.folder / "r" / "model.astro").read_bytes()
        for name, content in {"cut": whole[: len(whole) // 2], "flipped": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
                              "empty": b"", "other": b"PK\x03\x04 not a model"}.items():
            self.write(f"{name}.astro", content)
            done = self.run_program("predict", f"{name}.astro", "t.csv", code=3)
            self.assertIn(f"{name}.astro", done.err)

    def test_missing_column_when_predicting(self):
        self.write("t.csv", classification_csv(60))
        self.run_program("run", "t.csv", "--target", "y", "--trials", "2", "--out", "r")
        self.write("new.csv", "x1,x2,cty\n1,2,Oslo\n")
        done = self.run_program("predict", "r/model.astro", "new.csv", code=3)
        self.assertIn("city", done.err)

    def test_an_existing_folder_is_refused_and_left_alone(self):
        self.write("t.csv", classification_csv(60))
        (self.folder / "r").mkdir()
        self.write("r/precious.txt", "keep me")
        done = self.run_program("run", "t.csv", "--target", "y", "--out", "r", code=2)
        self.assertIn("r", done.err)
        self.assertEqual((self.folder / "r" / "precious.txt").read_text(), "keep me")
        self.assertEqual(len(list((self.folder / "r").iterdir())), 1)

    def test_usage(self):
        self.write("t.csv", classification_csv(60))
        for arguments, text in [(["--metric", "rmse"], "auc"), (["--learner", "treees"], "trees"),
                                (["--time", "soon"], "--time"), (["--split", "maybe"], "random"),
                                (["--positive", "perhaps"], "yes"), (["--trees-max-leaves", "many"], "max_leaves")]:
            done = self.run_program("run", "t.csv", "--target", "y", *arguments, code=2)
            self.assertIn(text, done.err)
        self.run_program("run", code=2)
        self.run_program("fly", code=2)

    def test_corrupt_gzip(self):
        self.write("t.csv.gz", gzip.compress(classification_csv(500).encode())[:-200])
        self.refused("run", "t.csv.gz", "--target", "y", says=["t.csv.gz"])


if __name__ == "__main__":
    unittest.main()
