# SPDX-License-Identifier: Apache-2.0
"""Rows that are ranked within groups: run, predict, score; and what is refused."""

import csv
import io
import random

from program import EndToEnd, unittest


def ranking_csv(queries, documents=12, seed=1):
    """Documents in any order; relevance follows a within the query, level is the query's own."""
    draw = random.Random(seed)
    rows = []
    for query in range(queries):
        level = draw.gauss(0, 2)
        for _ in range(documents):
            a, b = draw.gauss(0, 1), draw.gauss(0, 1)
            grade = max(0, min(4, int(1.5 + a + 0.5 * draw.gauss(0, 1) + 0.5 * level)))
            rows.append(f"q{query},{a:.4f},{b:.4f},{level:.4f},{grade}")
    draw.shuffle(rows)
    return "query,a,b,level,relevance\n" + "\n".join(rows) + "\n"


class Ranking(EndToEnd):
    def rank(self, *arguments, **keywords):
        return self.run_json("run", "t.csv", "--target", "relevance", "--group", "query", *arguments, **keywords)

    def test_groups_are_ranked_judged_and_scored(self):
        self.write("t.csv", ranking_csv(150))
        result = self.rank("--learner", "baseline,trees,linear", "--trials", "3", "--out", "r")
        self.assertEqual((result["task"]["kind"], result["task"]["group"]), ("ranking", "query"))
        self.assertEqual(result["task"]["metric"]["name"], "ndcg@10")
        self.assertEqual(result["split"], "group:query")
        self.assertIn("ranking of 150 groups", result["task"]["reason"])
        board = {row["learner"]: row["validation"]["score"] for row in result["leaderboard"]}
        self.assertGreater(board["trees"], board["baseline"] + 0.1)
        self.assertGreater(board["linear"], board["baseline"] + 0.1)
        sealed = result["best"]["sealed"]
        self.assertEqual((sealed["groups"], sealed["method"]), (30, "bootstrap"))
        self.assertLess(sealed["low"], sealed["score"])
        self.assertIn("ndcg", sealed["others"])
        self.assertNotIn("rmse", sealed["others"])

        # Predicting needs no groups, scoring does.
        self.write("new.csv", ranking_csv(40, seed=2))
        rows = list(csv.DictReader(io.StringIO(self.run_program("predict", "r/model.astro", "new.csv").out)))
        self.assertEqual((len(rows), list(rows[0])), (480, ["prediction"]))
        score = self.run_json("score", "r/model.astro", "new.csv")
        self.assertEqual((score["metric"], score["groups"]), ("ndcg@10", 40))
        self.assertGreater(score["metrics"]["ndcg@10"]["score"], board["baseline"] + 0.1)
        self.assertIn("40 groups", self.run_program("score", "r/model.astro", "new.csv").out)
        self.assertIn("ranking of relevance", self.run_program("show", "r").out)
        report = (self.folder / "r" / "report.html").read_text()
        self.assertIn("Ranked within", report)
        self.write("bare.csv", "a,b,level,relevance\n1,2,0,1\n2,1,0,0\n")
        self.assertIn("query", self.run_program("score", "r/model.astro", "bare.csv", code=3).err)

    def test_a_test_file_and_few_rows_have_groups_too(self):
        self.write("t.csv", ranking_csv(60))
        self.write("judge.csv", ranking_csv(20, seed=3))
        tested = self.rank("--learner", "trees(rounds=20)", "--trials", "1", "--test", "judge.csv")
        self.assertEqual(tested["best"]["sealed"]["groups"], 20)
        resampled = self.rank("--learner", "trees(rounds=20)", "--trials", "1")
        self.assertEqual((resampled["best"]["sealed"]["label"], resampled["best"]["sealed"]["groups"]), ("resampled", 60))

    def test_the_run_file_knows_groups(self):
        self.write("t.csv", ranking_csv(50))
        self.write("system.toml", '[task]\ndata = "t.csv"\ntarget = "relevance"\ngroup = "query"\n'
                                  '[budget]\ntrials = 1\n[system]\nlearner = "trees(rounds=5,loss=lambdarank)"\n')
        self.assertEqual(self.run_json("run", "system.toml")["task"]["group"], "query")

    def refusal(self, *arguments, code):
        return self.run_program("run", "t.csv", "--target", "relevance", "--trials", "1", *arguments, code=code).err

    def test_what_is_no_ranking_is_refused(self):
        self.write("t.csv", ranking_csv(20))
        self.assertIn("Did you mean \"query\"?", self.refusal("--group", "qury", code=3))
        self.assertIn("--task multiclass", self.refusal("--group", "query", "--task", "multiclass", code=2))
        self.assertIn("--group COLUMN", self.refusal("--metric", "ndcg@10", code=2))
        self.assertIn("--group COLUMN", self.refusal("--learner", "trees", "--loss", "lambdarank", "--task", "regression",
                                                     code=2))
        self.assertIn("from 0 to 30", self.refusal("--group", "query", "--target", "b", code=3))
        self.write("t.csv", "query,x,relevance\n" + "".join(f"{'' if i == 7 else i % 3},{i},{i % 2}\n" for i in range(40)))
        self.assertIn("data row 8 of column query", self.refusal("--group", "query", code=3))
        self.write("t.csv", "query,x,relevance\n" + "".join(f"1,{i},{i % 2}\n" for i in range(40)))
        self.assertIn("same query", self.refusal("--group", "query", code=3))


if __name__ == "__main__":
    unittest.main()
