# SPDX-License-Identifier: Apache-2.0
"""Several processes on one study: a run and its workers, over a PostgreSQL of the test's own and over a file."""

import time

from postgres import PostgresServer
from program import PATIENCE, EndToEnd, classification_csv, json, limit, signal, unittest, wait_for

STAR = ("--learner", "mlp", "--activation", "*", "--mlp-epochs", "2", "--architecture", "8")


class WorkerTest(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.remove)

    def setUp(self):
        super().setUp()
        self.write("t.csv", classification_csv(1200))
        self.name = self.id().rsplit(".", 1)[1]

    def begin(self, *limits, out="r"):
        return self.start_program("run", "t.csv", "--target", "y", *STAR, "--study", self.server.url, "--name", self.name,
                                  "--out", out, *limits, "--json", "--quiet")

    def counts(self):
        try:
            return self.run_json("study", self.server.url, "--name", self.name)["trials"]
        except AssertionError:
            return {"total": 0, "complete": 0, "pruned": 0, "failed": 0, "running": 0}

    def test_a_run_ships_what_it_and_its_workers_found(self):
        run = self.begin("--trials", "60")
        self.assertTrue(wait_for(lambda: self.counts()["total"] > 0))
        workers = [self.start_program("worker", self.server.url, "--name", self.name, "--json") for _ in range(2)]
        out, err = run.communicate(timeout=200 * PATIENCE)
        self.assertEqual(run.returncode, 0, err.decode())
        done = [json.loads(worker.communicate(timeout=60 * PATIENCE)[0]) for worker in workers]
        self.assertGreater(sum(worker["trials"] for worker in done), 0)
        trials = json.loads(out)["search"]["trials"]
        self.assertGreaterEqual(trials["total"], 60)
        self.assertEqual(trials["complete"] + trials["pruned"] + trials["failed"] + trials["running"], trials["total"])
        self.assertTrue((self.folder / "r" / "model.astro").exists())
        late = self.run_json("worker", self.server.url, "--name", self.name)
        self.assertEqual(late["trials"], 0, "the study has ended")

    def test_a_killed_worker_costs_no_trial(self):
        run = self.begin("--time", limit(8))
        self.assertTrue(wait_for(lambda: self.counts()["total"] > 0))
        for _ in range(3):
            worker = self.start_program("worker", self.server.url, "--name", self.name)
            time.sleep(1 * PATIENCE)
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
        out, err = run.communicate(timeout=200 * PATIENCE)
        self.assertEqual(run.returncode, 0, err.decode())
        trials = json.loads(out)["search"]["trials"]
        self.assertLessEqual(trials["running"], 1)
        self.assertGreater(trials["complete"], 0)

    def test_a_database_that_goes_away_is_waited_for(self):
        run = self.begin("--trials", "60")
        self.assertTrue(wait_for(lambda: self.counts()["complete"] > 0))
        self.server.stop()
        time.sleep(1.5)
        self.assertIsNone(run.poll(), "it has trials left, and waits")
        self.server.start()
        out, err = run.communicate(timeout=200 * PATIENCE)
        self.assertEqual(run.returncode, 0, err.decode())
        self.assertEqual(json.loads(out)["search"]["trials"]["total"], 60)

    def test_a_run_on_a_server_is_killed_and_goes_on(self):
        run = self.begin("--trials", "25")
        self.assertTrue(wait_for(lambda: self.counts()["total"] > 5))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        result = self.run_json("run", "--resume", "r")
        self.assertEqual(result["search"]["trials"]["total"], 25)

    def test_workers_help_with_programs_too(self):
        self.write("f.sh", 'sleep 0.1; echo "loss=$(( ($1 - 5) * ($1 - 5) ))"\n')
        search = self.start_program("search", "--minimise", "loss", "--study", self.server.url, "--name", self.name,
                                    "--out", "s", "--trials", "21", "--json", "--", "sh", "f.sh", "*0..40")
        self.assertTrue(wait_for(lambda: self.counts()["total"] > 0))
        worker = self.run_json("worker", self.server.url, "--name", self.name)
        out, err = search.communicate(timeout=60 * PATIENCE)
        self.assertEqual(search.returncode, 0, err.decode())
        self.assertGreater(worker["trials"], 0)
        self.assertGreaterEqual(json.loads(out)["trials"]["total"], 21)

    def test_a_study_that_is_not_there_and_other_data_are_refused(self):
        self.assertIn("none of that name", self.run_program("worker", self.server.url, "--name", "nobody", code=2).err)
        run = self.begin("--time", "60s")
        self.assertTrue(wait_for(lambda: self.counts()["total"] > 0))
        self.write("other.csv", classification_csv(1100))
        message = self.run_program("worker", self.server.url, "--name", self.name, "--data", "other.csv", code=3).err
        self.assertIn("the data that it was begun on", message)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60 * PATIENCE)


class FileWorkerTest(EndToEnd):
    def test_a_worker_helps_over_the_file_of_a_run(self):
        self.write("t.csv", classification_csv(1200))
        run = self.start_program("run", "t.csv", "--target", "y", *STAR, "--out", "r", "--time", limit(6), "--quiet")
        self.assertTrue(wait_for(lambda: (self.folder / "r" / "model.astro").exists()))
        worker = self.run_json("worker", "r/study.db")
        _, err = run.communicate(timeout=60 * PATIENCE)
        self.assertEqual(run.returncode, 0, err.decode())
        self.assertGreater(worker["trials"], 0)


if __name__ == "__main__":
    unittest.main()
