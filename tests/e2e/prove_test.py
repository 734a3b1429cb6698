# SPDX-License-Identifier: Apache-2.0
"""`astrolabe prove` and `astrolabe claims`: what a search found, tried again where it never looked."""

import csv

from program import EndToEnd, classification_csv, json, unittest


class Prove(EndToEnd):
    def setUp(self):
        super().setUp()
        self.ledger = {"ASTROLABE_CLAIMS": str(self.folder / "claims.db")}

    def searched(self, *options, rows=1500):
        self.write("t.csv", classification_csv(rows))
        self.run_program("run", "t.csv", "--target", "y", "--learner", "trees", *options, "--out", "found", "--quiet")
        return "found"

    # 400 leaves of one row each, against the defaults, is no match.
    def hopeless_start(self):
        return self.searched("--trees-learning-rate", "0.9,0.05", "--trees-rounds", "60", "--trials", "2")

    def test_says_of_every_finding_what_holds(self):
        folder = self.hopeless_start()
        result = self.run_json("prove", folder, "--seeds", "12", "--time", "90s", env=self.ledger)
        (finding,) = result["findings"]
        self.assertEqual(finding["slot"], "learning_rate")
        self.assertIn(finding["verdict"], ("better", "worse", "tie", "undecided"))
        self.assertEqual(len(finding["differences"]), finding["pairs"])
        self.assertGreaterEqual(finding["pairs"], 2)
        self.assertEqual((result["look"], result["rows"]), (1, 150))
        self.assertAlmostEqual(finding["alpha"], 0.05 * 6 / 3.14159265358979**2, places=12)
        saved = json.loads((self.folder / folder / "evidence.json").read_text())
        self.assertEqual(saved["findings"], result["findings"])
        page = (self.folder / folder / "evidence.html").read_text()
        self.assertIn(finding["verdict"], page)
        self.assertNotIn("http://", page)

        # The run's own report takes it in, as a page and as Markdown.
        report = (self.folder / folder / "report.html").read_text()
        self.assertIn('<a href="#evidence">Evidence</a>', report)
        self.assertIn("Limits", report)
        self.assertEqual(self.run_program("report", folder).out, f"{folder}/report.html\n")
        paper = self.run_program("report", folder, "--format", "md").out
        self.assertIn("## Evidence", paper)
        self.assertIn(f"**{finding['verdict']}**", paper)
        self.run_program("report", folder, "--format", "json", "--out", "all.json")
        self.assertEqual(json.loads((self.folder / "all.json").read_text())["evidence"]["findings"], result["findings"])

    def test_pays_for_a_second_opening_and_sees_fresh_seeds(self):
        folder = self.hopeless_start()
        options = ("--seeds", "3", "--tuning", "1", "--time", "90s")
        first = self.run_json("prove", folder, *options, env=self.ledger)
        second = self.run_json("prove", folder, *options, env=self.ledger)
        self.assertEqual(second["look"], 2)
        self.assertLess(second["findings"][0]["alpha"], first["findings"][0]["alpha"])
        self.assertNotEqual(second["findings"][0]["differences"], first["findings"][0]["differences"])

    def test_the_ledger_keeps_both_and_exports_them(self):
        folder = self.hopeless_start()
        for _ in range(2):
            self.run_program("prove", folder, "--seeds", "2", "--tuning", "1", "--quiet", env=self.ledger)
        claims = self.run_json("claims", env=self.ledger)["claims"]
        self.assertEqual([claim["number"] for claim in claims], [1, 2])
        self.assertEqual(claims[0]["target"], "y")
        self.assertEqual(claims[0]["look"], 1)
        self.assertIn("fresh seed", claims[0]["protocol"])
        shown = self.run_program("claims", env=self.ledger).out
        self.assertIn("learning_rate", shown)
        self.run_program("claims", "--export", "claims.csv", "--quiet", env=self.ledger)
        with open(self.folder / "claims.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[1]["number"], "2")
        self.assertEqual(rows[0]["finding"], claims[0]["finding"])

    def test_without_a_ledger_there_are_no_claims(self):
        shown = self.run_program("claims", env=self.ledger).out
        self.assertIn("no claims yet", shown)
        self.assertFalse((self.folder / "claims.db").exists())


class Refused(Prove):
    def test_a_table_too_small_to_seal_says_how_many_rows_it_takes(self):
        folder = self.searched("--trees-learning-rate", "0.9,0.05", "--trees-rounds", "20", "--trials", "2", rows=300)
        error = self.run_program("prove", folder, code=3).err
        self.assertIn("below 1,000 nothing is sealed", error)

    def test_a_run_without_a_star_has_nothing_sealed_for_a_proof(self):
        folder = self.searched("--trees-rounds", "20", "--trials", "1")
        error = self.run_program("prove", folder, code=3).err
        self.assertIn("had no star", error)
        self.assertIn("--activation", error)

    def test_what_is_no_run(self):
        self.assertIn("runs/digits", self.run_program("prove", "nowhere", code=3).err)

    def test_other_data_than_the_search_saw(self):
        folder = self.hopeless_start()
        self.write("t.csv", classification_csv(1500, seed=2))
        self.assertIn("Restore the file", self.run_program("prove", folder, code=3).err)


if __name__ == "__main__":
    unittest.main()
