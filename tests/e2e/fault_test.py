# SPDX-License-Identifier: Apache-2.0
"""Whole commands while a system call, an allocation or a moment goes wrong: files stay whole, messages say why.

Quick by default: some places of each kind. ASTROLABE_EVERY_FAULT=1 takes all of them, of allocations 500 (an hour).
"""

import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess

from program import PATIENCE, PROGRAM, EndToEnd, classification_csv, json, unittest

SHIM = os.environ["ASTROLABE_FAULT_SHIM"]
EVERY = os.environ.get("ASTROLABE_EVERY_FAULT") == "1"
WORDS = {"ENOSPC": "No space left on device", "EIO": "Input/output error"}
FILES = ["model.astro", "report.html", "result.json", "leaderboard.csv"]
SEARCH = ["--learner", "linear,trees(max_leaves=7)", "--threads", "1", "--quiet"]


def places(count, quick):
    """Which of `count` calls fail: all, or the first, the last and some between."""
    quick = 500 if EVERY else quick
    if count <= quick:
        return range(1, count + 1)
    return sorted({1 + (count - 1) * k // (quick - 1) for k in range(quick)})


class Faults(EndToEnd):
    def fault(self, arguments, call, at, kind="", stays=False, timeout=240):
        env = {**os.environ, "NO_COLOR": "1", "LD_PRELOAD": SHIM, "FAULT_CALL": call, "FAULT_AT": str(at),
               "FAULT_KIND": kind, "FAULT_STAYS": "1" if stays else "0", "FAULT_PIECE": "100000",
               "FAULT_COUNTS": str(self.folder / "calls"), "ASAN_OPTIONS": "verify_asan_link_order=0"}
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, env=env, timeout=timeout * PATIENCE,
                              check=False)
        done.err = done.stderr.decode(errors="replace")
        return done

    def count(self, arguments, call):
        """How many such calls there are when nothing goes wrong."""
        done = self.fault(arguments, call, 0)
        self.assertEqual(done.returncode, 0, done.err)
        return int((self.folder / "calls").read_text())

    def make_run(self, trials="2"):
        self.write("t.csv", classification_csv(300))
        self.run_program("run", "t.csv", "--target", "y", "--trials", trials, "--out", "r", *SEARCH)

    def no_leftovers(self, folder):
        self.assertEqual([p.name for p in folder.iterdir() if p.name.startswith(".astrolabe-")], [])

    def files_are_whole(self, folder, old):
        """Each result is there as it was, or as a run that ends writes it."""
        for name in FILES:
            path = folder / name
            if not path.exists():
                self.assertNotIn(name, old, f"{name} is gone")
                continue
            if path.read_bytes() == old.get(name):
                continue
            if name == "model.astro":
                self.run_program("predict", path, "t.csv", "--out", self.folder / "whole.csv")
            elif name == "result.json":
                json.loads(path.read_text())
            elif name == "report.html":
                self.assertTrue(path.read_text().rstrip().endswith("</html>"))
            else:
                self.assertTrue(path.read_text().endswith("\n"))
        if (folder / "study.db").exists():
            with sqlite3.connect(folder / "study.db") as study:
                self.assertEqual(study.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            study.close()


class Predict(Faults):
    COMMAND = ["predict", "r/model.astro", "t.csv", "--out", "p.csv", "--threads", "1"]

    def setUp(self):
        super().setUp()
        self.make_run()
        self.run_program(*self.COMMAND)
        self.new = (self.folder / "p.csv").read_bytes()

    def check(self, call, at, kind, stays):
        (self.folder / "p.csv").write_text("earlier\n")
        done = self.fault(self.COMMAND, call, at, kind, stays)
        now = (self.folder / "p.csv").read_bytes()
        self.assertIn(now, (b"earlier\n", self.new))
        self.assertIn(done.returncode, (0, 1), done.err)
        if done.returncode == 0:
            self.assertEqual(now, self.new)
        else:
            self.assertIn(WORDS[kind], done.err)
            self.assertIn("p.csv", done.err)
        self.no_leftovers(self.folder)

    def test_a_failing_call_leaves_the_old_predictions_or_the_new(self):
        for call in ("write", "fsync", "rename"):
            for at in places(self.count(self.COMMAND, call), 3):
                for kind in ("ENOSPC", "EIO"):
                    for stays in (False, True):
                        with self.subTest(call=call, at=at, kind=kind, stays=stays):
                            self.check(call, at, kind, stays)

    def test_a_short_write_is_gone_on_with(self):
        for at in places(self.count(self.COMMAND, "write"), 2):
            (self.folder / "p.csv").unlink()
            self.assertEqual(self.fault(self.COMMAND, "write", at, "short").returncode, 0)
            self.assertEqual((self.folder / "p.csv").read_bytes(), self.new)

    def test_a_failing_allocation_is_said(self):
        for at in places(self.count(self.COMMAND, "allocate"), 40):
            with self.subTest(at=at):
                (self.folder / "p.csv").write_text("earlier\n")
                done = self.fault(self.COMMAND, "allocate", at, "bad_alloc")
                self.assertIn(done.returncode, (0, 1), done.err)
                self.assertIn((self.folder / "p.csv").read_bytes(), (b"earlier\n", self.new))
                if done.returncode == 1:
                    self.assertIn("memory", done.err)
                self.no_leftovers(self.folder)


class Reading(Faults):
    """Each format, and a packed one: memory that runs out while it is read, on whatever thread, ends in words."""

    def check_file(self, name):
        command = ["predict", "r/model.astro", name, "--out", "p.csv", "--threads", "2"]
        self.run_program(*command)
        whole = (self.folder / "p.csv").read_bytes()
        count = self.count(command, "allocate")
        for at in places(count, 60):
            with self.subTest(file=name, at=at):
                (self.folder / "p.csv").write_text("earlier\n")
                done = self.fault(command, "allocate", at, "bad_alloc", timeout=60)
                self.assertIn(done.returncode, (0, 1), f"{done.returncode}: {done.err}")
                self.assertIn((self.folder / "p.csv").read_bytes(), (b"earlier\n", whole))
                if done.returncode == 1:
                    self.assertIn("memory", done.err)
                self.no_leftovers(self.folder)

    def test_memory_that_runs_out_while_a_table_is_read_is_said(self):
        self.make_run()
        text = (self.folder / "t.csv").read_text()
        names, *rows = (line.split(",") for line in text.splitlines())
        self.write("t.jsonl", "".join(json.dumps(dict(zip(names, row))) + "\n" for row in rows))
        self.write("t2.csv.gz", gzip.compress(text.encode()))
        for name in ("t.csv", "t2.csv.gz", "t.jsonl"):
            self.check_file(name)


class PlanMemory(Predict):
    COMMAND = ["plan-memory", "buffers.csv", "--out", "p.csv"]

    def make_run(self, trials="2"):
        self.write("buffers.csv", "id,lower,upper,size\na,0,3,4\nb,2,9,8\n")


class Benchmarks(Faults):
    """Whatever happens to a benchmark, going on with it ends as it would have without."""

    COMMAND = ["bench", "smoke", "--learner", "baseline,linear", "--mode", "drop-in", "--seeds", "2", "--tasks", "moons", "--out",
               "b", "--resume", "--threads", "1", "--quiet"]

    def differences(self):
        result = json.loads((self.folder / "b" / "bench.json").read_text())
        self.assertTrue((self.folder / "b" / "bench.html").read_text().rstrip().endswith("</html>"))
        return [[task["differences"] for task in one["tasks"]] for one in result["comparisons"]]

    def start_over(self):
        shutil.rmtree(self.folder / "b", ignore_errors=True)

    def test_a_failing_call_or_a_kill_leaves_a_benchmark_that_goes_on(self):
        self.run_program(*self.COMMAND)
        whole = self.differences()
        for call, kinds in (("write", ("ENOSPC", "KILL")), ("fsync", ("EIO",)), ("rename", ("EIO",))):
            self.start_over()
            for at in places(self.count(self.COMMAND, call), 3):
                for kind in kinds:
                    with self.subTest(call=call, at=at, kind=kind):
                        self.start_over()
                        done = self.fault(self.COMMAND, call, at, kind)
                        self.assertIn(done.returncode, (-9,) if kind == "KILL" else (0, 1, 75), done.err)
                        self.assertNotIn("bug", done.err)
                        self.run_program(*self.COMMAND)
                        self.assertEqual(self.differences(), whole)


class Runs(Faults):
    """A run that goes on in its folder: the files of its first session are there to be spoilt."""

    RESUME = ["run", "--resume", "r", "--trials", "4", "--threads", "1", "--quiet"]

    def setUp(self):
        super().setUp()
        self.make_run()
        shutil.copytree(self.folder / "r", self.folder / "before")
        self.old = {name: (self.folder / "before" / name).read_bytes() for name in FILES}
        self.run_program(*self.RESUME)
        self.whole = self.hash_of_model()

    def hash_of_model(self):
        return hashlib.sha256((self.folder / "r" / "model.astro").read_bytes()).hexdigest()

    def go_back(self):
        shutil.rmtree(self.folder / "r")
        shutil.copytree(self.folder / "before", self.folder / "r")

    def count_of_resume(self, call):
        self.go_back()
        return self.count(self.RESUME, call)

    def check_after(self):
        """Whatever happened: files are whole, and the run ends as it would have without it."""
        self.files_are_whole(self.folder / "r", self.old)
        self.run_program(*self.RESUME)
        self.assertEqual(self.hash_of_model(), self.whole)

    def test_a_failing_call_leaves_whole_files_and_a_run_that_goes_on(self):
        for call in ("write", "fsync", "rename", "ftruncate"):
            for at in places(self.count_of_resume(call), 3):
                for kind, stays in (("ENOSPC", True), ("EIO", False)):
                    with self.subTest(call=call, at=at, kind=kind):
                        self.go_back()
                        done = self.fault(self.RESUME, call, at, kind, stays)
                        self.assertIn(done.returncode, (0, 1, 75), done.err)
                        if done.returncode != 0:
                            self.assertTrue(done.err.startswith("astrolabe: "), done.err)
                            self.assertNotIn("bug", done.err)
                        self.no_leftovers(self.folder / "r")
                        self.check_after()

    def test_a_signal_at_any_write_leaves_whole_files_and_a_run_that_goes_on(self):
        # Negative: before there is anything to end well, the signal does what signals do.
        codes = {"INT": (130, -2, 0), "TERM": (143, -15, 0), "KILL": (-9,)}
        for at in places(self.count_of_resume("write"), 4):
            for kind, expected in codes.items():
                with self.subTest(at=at, kind=kind):
                    self.go_back()
                    done = self.fault(self.RESUME, "write", at, kind)
                    self.assertIn(done.returncode, expected, done.err)
                    # One that ended well, with the best until then, goes on too: the last trial is not its end.
                    self.check_after()

    def test_a_failing_allocation_ends_in_words(self):
        for at in places(self.count_of_resume("allocate"), 25):
            with self.subTest(at=at):
                self.go_back()
                done = self.fault(self.RESUME, "allocate", at, "bad_alloc")
                self.assertIn(done.returncode, (0, 1, 75), done.err)
                if done.returncode == 1:
                    self.assertIn("memory", done.err)
                self.files_are_whole(self.folder / "r", self.old)


class Doctor(Faults):
    """A look at a run that fails leaves the run, and what an earlier look had found."""

    COMMAND = ["doctor", "r", "--pairs", "2", "--threads", "1", "--quiet"]
    OUTPUTS = ["doctor.json"]

    def setUp(self):
        super().setUp()
        self.make_run()
        self.run_program(*self.COMMAND)
        shutil.copytree(self.folder / "r", self.folder / "before")
        self.old = {path.name: path.read_bytes() for path in (self.folder / "before").iterdir()}

    def check_after(self, done):
        self.no_leftovers(self.folder / "r")
        self.files_are_whole(self.folder / "r", {name: self.old[name] for name in FILES})
        for name in FILES[:1] + FILES[2:]:
            self.assertEqual((self.folder / "r" / name).read_bytes(), self.old[name], name)
        for name in self.OUTPUTS:
            now = (self.folder / "r" / name).read_text()
            if name.endswith(".json"):
                self.assertEqual(json.loads(now).keys(), json.loads(self.old[name]).keys())
            else:
                self.assertTrue(now.rstrip().endswith("</html>"))
        if done.returncode > 0:
            self.assertIn("astrolabe: ", done.err)
            self.assertNotIn("bug", done.err)

    def test_a_failing_call_leaves_the_run_and_what_was_found(self):
        for call in ("write", "fsync", "rename"):
            for at in places(self.count(self.COMMAND, call), 2):
                for kind in ("ENOSPC", "EIO"):
                    with self.subTest(call=call, at=at, kind=kind):
                        done = self.fault(self.COMMAND, call, at, kind, stays=True)
                        self.assertIn(done.returncode, (0, 1, 75), done.err)
                        self.check_after(done)

    def test_a_signal_at_any_write_leaves_the_run_and_what_was_found(self):
        codes = {"INT": (130, -2, 0), "TERM": (143, -15, 0), "KILL": (-9,)}
        for at in places(self.count(self.COMMAND, "write"), 2):
            for kind, expected in codes.items():
                with self.subTest(at=at, kind=kind):
                    done = self.fault(self.COMMAND, "write", at, kind)
                    self.assertIn(done.returncode, expected, done.err)
                    if kind != "KILL":
                        self.no_leftovers(self.folder / "r")
                    self.run_program(*self.COMMAND)

    def test_a_failing_allocation_ends_in_words(self):
        for at in places(self.count(self.COMMAND, "allocate"), 12):
            with self.subTest(at=at):
                done = self.fault(self.COMMAND, "allocate", at, "bad_alloc")
                self.assertIn(done.returncode, (0, 1, 75), done.err)
                if done.returncode == 1:
                    self.assertIn("memory", done.err)
                self.check_after(done)


class Explain(Doctor):
    COMMAND = ["explain", "r", "--pairs", "2", "--threads", "1", "--quiet"]
    OUTPUTS = ["explain.json", "explain.html"]


if __name__ == "__main__":
    unittest.main()
