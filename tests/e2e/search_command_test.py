# SPDX-License-Identifier: Apache-2.0
"""`astrolabe search -- COMMAND`: anyone's program as a trial."""

import os
import pathlib
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from program import PATIENCE, PROGRAM, EndToEnd, json, unittest, wait_for

# Its minimum is at x = 0.3, kind = b: 0.
QUADRATIC = """
import sys
x, kind = float(sys.argv[1].split("=")[1]), sys.argv[2]
print("talk that nobody asked for")
print(f"loss={(x - 0.3) ** 2 + (0 if kind == 'b' else 0.1):.6f} x={x}")
"""

# Gets better step by step; how good it can get depends on x alone.
CURVE = """
import sys, time
x = float(sys.argv[1])
for step in range(12):
    print(f"step={step} loss={x + 1 / (step + 1):.6f}")
    time.sleep(0.02)
"""


class Search(EndToEnd):
    def search(self, *arguments, command, code=0, options=("--minimise", "loss"), **keywords):
        return self.run_program("search", *options, *arguments, "--", *command, code=code, **keywords)

    def search_json(self, *arguments, **keywords):
        return json.loads(self.search(*arguments, "--json", "--quiet", **keywords).out)

    def refused(self, *arguments, says, command, code=2, **keywords):
        done = self.search(*arguments, command=command, code=code, **keywords)
        for text in says:
            self.assertIn(text, done.err)
        self.assertFalse((self.folder / "runs").exists(), "a refused search leaves no folder")

    def quadratic(self):
        self.write("quadratic.py", QUADRATIC)
        return ["python3", "quadratic.py", "x=*0.0..1.0", "*a,b,c"]


class Finding(Search):
    def test_the_minimum_of_a_quadratic(self):
        result = self.search_json("--trials", "60", command=self.quadratic())
        self.assertLess(result["best"]["score"], 0.02)
        self.assertEqual(result["trials"]["total"], 60)
        self.assertEqual(result["stopped"], "trials")
        self.assertEqual(result["folder"], "runs/quadratic")
        self.assertEqual(result["words"][3], "b")
        # The best command is ready to be copied, and keeps its promise.
        again = subprocess.run(["sh", "-c", result["command"]], cwd=self.folder, capture_output=True, check=True)
        score = float(re.search(r"loss=(\S+)", again.stdout.decode())[1])
        self.assertAlmostEqual(score, result["best"]["score"], places=6)
        self.assertEqual(json.loads((self.folder / "runs/quadratic/result.json").read_text()), result)
        log = (self.folder / "runs/quadratic/trials/1.log").read_text()
        self.assertIn("$ python3 quadratic.py x=", log)
        self.assertIn("talk that nobody asked for", log)
        self.assertTrue((self.folder / "runs/quadratic/report.html").exists())

    def test_what_people_see(self):
        done = self.search("--trials", "12", command=self.quadratic())
        self.assertIn("minimising loss over x, word4: more points than can be counted;", done.err)
        self.assertRegex(done.out, r"The best command\n  python3 quadratic\.py x=\S+ [abc]\n")

    def test_maximising(self):
        script = self.write("p.py", "import sys\nprint('acc=' + sys.argv[1])\n")
        result = self.search_json("--trials", "30", "--proposer", "random", options=("--maximise", "acc"),
                                  command=["python3", script, "*1..9"])
        self.assertEqual(result["best"]["score"], 9)

    def test_a_small_space_is_exhausted(self):
        result = self.search_json("--proposer", "enumeration", "--time", "60s",
                                  command=["sh", "-c", "echo loss=$0$1", "*2,1", "*5,4,6"])
        self.assertEqual((result["stopped"], result["trials"]["total"]), ("exhausted", 6))
        self.assertEqual(result["words"][3:], ["1", "4"])

    def test_declared_slots(self):
        self.write("slots.toml", '[slot.n]\nrange = "1..4"\n[slot.kind]\nvalues = ["a", "b"]\n')
        result = self.search_json("--slots", "slots.toml", "--proposer", "enumeration",
                                  command=["sh", "-c", "echo loss=$(echo {kind} | tr ab 12){n}"])
        self.assertEqual(result["trials"]["complete"], 8)
        self.assertEqual(result["best"]["score"], 11)

    def test_one_seed_gives_one_search(self):
        commands = [self.search_json("--trials", "20", "--out", name, command=self.quadratic())["command"]
                    for name in ("a", "b")]
        self.assertEqual(*commands)

    def test_side_by_side(self):
        begun = time.time()
        result = self.search_json("--trials", "8", "--jobs", "4", "--proposer", "random",
                                  command=["sh", "-c", "sleep 0.5; echo loss=$0", "*0.0..1.0"])
        self.assertLess(time.time() - begun, 3 * PATIENCE)
        self.assertGreaterEqual(result["trials"]["complete"], 8)


class Pruning(Search):
    def test_hopeless_trials_are_ended_early(self):
        self.write("curve.py", CURVE)
        result = self.search_json("--trials", "30", "--proposer", "random",
                                  command=["python3", "curve.py", "*0.0..1.0"])
        self.assertGreater(result["trials"]["pruned"], 5)
        self.assertGreater(result["trials"]["complete"], 2)
        self.assertLess(result["best"]["score"], 0.35)
        pruned = [path for path in (self.folder / "runs/curve/trials").iterdir() if "[pruned" in path.read_text()]
        self.assertEqual(len(pruned), result["trials"]["pruned"])
        self.assertTrue(all("step=11" not in path.read_text() for path in pruned), "they did not come to their end")

    def test_one_score_is_never_pruned(self):
        result = self.search_json("--trials", "40", "--proposer", "random",
                                  command=["sh", "-c", "echo loss=$0", "*0.0..1.0"])
        self.assertEqual(result["trials"]["complete"], 40)


class BadPrograms(Search):
    CASES = (
        ("echo hello", "printed no loss=NUMBER"),
        ("echo loss=1; exit 3", "exit code 3"),
        ("echo loss=1; kill -SEGV $$", "killed by SIGSEGV"),
        ("echo loss=nan", "printed loss=nan"),
        ("echo loss=inf", "printed loss=inf"),
        ("echo loss=1; sleep 60", "ran longer than 500 ms"),
    )

    def test_each_is_recorded_and_the_study_goes_on(self):
        for script, reason in self.CASES:
            with self.subTest(script):
                name = re.sub(r"\W+", "-", script)
                result = self.search_json("--trials", "6", "--trial-time", "500ms", "--proposer", "enumeration", "--out",
                                          name, command=["sh", "-c", f"[ $0 -lt 3 ] || {{ {script}; exit; }}; echo loss=$0",
                                                         "*1,2,3"])
                self.assertEqual(result["best"]["score"], 1)
                self.assertEqual((result["trials"]["complete"], result["trials"]["failed"]), (2, 1))
                self.assertTrue(any(reason in row["reason"] for row in result["reasons"]), result["reasons"])

    def test_nothing_but_failures_says_so(self):
        done = self.search("--trials", "3", "--proposer", "random", command=["sh", "-c", "exit 7", "*1..9"], code=4)
        self.assertIn("trial 1 failed: exit code 7", done.err)
        self.assertIn("3 failed", done.err)
        self.assertIn("runs/sh/trials", done.err)

    def test_a_program_that_is_not_there_ends_it_at_once(self):
        self.refused(command=["no-such-program", "*1..2"], says=["starting no-such-program", "none of that name"])
        self.write("train.py", "print('loss=1')\n")
        self.refused(command=["./train.py", "*1..2"], says=["a file that may not be executed", "python3 train.py"])
        self.refused(command=["train.py", "*1..2"], says=["a file here, but none in PATH"])
        script = self.write("bad.sh", "#!/no/such/interpreter\n")
        script.chmod(0o755)
        done = self.search("--trials", "2", command=["./bad.sh", "*1..2"], code=2)
        self.assertIn("No such file or directory", done.err)

    def test_grandchildren_end_with_their_trial(self):
        self.search("--trials", "1", command=["sh", "-c", "sleep 300 & echo $! > pid; echo loss=$0", "*1,2"])
        number = int((self.folder / "pid").read_text())
        self.assertTrue(wait_for(lambda: not is_alive(number), 20))


class Refusals(Search):
    def test_mistakes_are_told_before_anything_is_written(self):
        good = ["true", "*1..2"]
        self.refused(command=good, options=(), says=["--minimise NAME or --maximise NAME"])
        self.refused(command=["true"], says=["a star in at least one word"])
        self.refused(command=[], says=["a program and its words after --"])
        self.refused(command=["true", "*"], says=["nothing after the star", "**"])
        self.refused(command=["true", "--n", "*8..1"], says=["star of n", "8..1", "^"])
        self.refused("--proposer", "enumeratoin", command=good, says=["enumeration"])
        self.refused("--pruner", "halvign", command=good, says=["halving"])
        self.refused("--proposer", "enumeration", command=["true", "*0.1..0.2"], says=["enumerating", "no real numbers"])
        self.refused("--slots", "none.toml", command=good, says=["none.toml"], code=3)
        self.refused("--maximise", "acc", command=good, says=["--maximise"])
        self.refused("--time", "soon", command=good, says=["--time"])
        self.refused("--resume", "none", command=good, says=["nothing behind -- with --resume"])
        self.refused("--resume", "none", command=[], says=["nothing of the question with --resume", "--minimise"])
        self.refused("--trails", "3", command=good, says=["options of ours, then -- and the program", "--trails"])
        done = self.run_program("search", "--minimise", "loss", "true", "*1..2", code=2)
        self.assertIn("-- PROGRAM WORDS", done.err)

    def test_words_of_the_program_are_not_ours(self):
        # --loss is a slot of `run`, and -x would be joined to it.
        result = self.search_json("--trials", "2", command=["sh", "-c", "echo loss=1; echo \"$@\" > words", "sh", "--loss",
                                                            "-x", "--json", "--", "*1..2"])
        self.assertRegex((self.folder / "words").read_text(), r"^--loss -x --json -- [12]\n$")
        self.assertEqual(result["trials"]["complete"], 2)


class Stopping(Search):
    SLOW = ["sh", "-c", "sleep 0.05; echo loss=$0", "*0.0..1.0"]

    def start(self, *arguments, command):
        return self.begin("--minimise", "loss", *arguments, "--", *command)

    def begin(self, *words):
        process = self.start_program("search", *words)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        return process

    def ended(self, study):
        """Trials that ended, by another process's eyes; 0 before the study is there."""
        try:
            done = subprocess.run([PROGRAM, "study", study, "--json", "--quiet"], cwd=self.folder, capture_output=True,
                                  check=False)
            trials = json.loads(done.stdout)["trials"]
            return trials["complete"] + trials["pruned"] + trials["failed"]
        except (ValueError, KeyError):
            return 0

    def test_the_limit_is_kept(self):
        begun = time.time()
        result = self.search_json("--time", "1s", command=self.SLOW)
        self.assertLess(time.time() - begun, 3 * PATIENCE)
        self.assertEqual(result["stopped"], "time")
        self.assertGreater(result["trials"]["complete"], 3)
        # Also against a program that does not listen.
        begun = time.time()
        deaf = ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; echo loss=$0; done", "*0.0..1.0"]
        result = self.search_json("--time", "1s", "--out", "deaf", command=deaf)
        self.assertLess(time.time() - begun, 3 * PATIENCE)
        self.assertEqual(result["best"], None)

    def test_an_interrupt_ends_with_the_best_so_far_and_can_be_resumed(self):
        process = self.start("--trials", "60", "--out", "r", command=self.SLOW)
        self.assertTrue(wait_for(lambda: self.ended("r") >= 5))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20 * PATIENCE)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"The best command", out)
        self.assertIn(b"astrolabe search --resume r", err)
        result = self.run_json("search", "--resume", "r")
        self.assertEqual(result["trials"]["complete"] + result["trials"]["pruned"], 60)
        # Once more: it is finished, which is no failure.
        self.assertEqual(self.run_json("search", "--resume", "r")["trials_here"], 0)
        # Or longer.
        self.assertEqual(self.run_json("search", "--resume", "r", "--trials", "65")["trials"]["total"], 65)

    def test_a_killed_search_goes_on_as_if_nothing_had_happened(self):
        whole = self.search_json("--trials", "40", "--out", "whole", command=self.SLOW)
        process = self.start("--trials", "40", "--out", "r", command=self.SLOW)
        for kills in range(4):
            self.assertTrue(wait_for(lambda: self.ended("r") >= 6 * (kills + 1)))
            process.kill()
            process.wait()
            if kills < 3:
                process = self.begin("--resume", "r")
        result = self.run_json("search", "--resume", "r")
        self.assertEqual(result["trials"]["total"], 40)
        self.assertEqual(result["command"], whole["command"])
        self.assertEqual(result["best"]["score"], whole["best"]["score"])
        self.assertEqual(sorted(points(self.folder / "r")), sorted(points(self.folder / "whole")))

    def test_a_killed_search_takes_its_program_along(self):
        process = self.start("--out", "r", command=["sh", "-c", "echo $$ > pid; exec sleep 300", "*1,2"])
        self.assertTrue(wait_for(lambda: (self.folder / "pid").exists() and (self.folder / "pid").read_text().strip()))
        number = int((self.folder / "pid").read_text())
        process.kill()
        process.wait()
        self.assertTrue(wait_for(lambda: not is_alive(number), 20))

    def test_two_searches_share_a_study(self):
        first = self.start("--trials", "40", "--study", "s.db", command=self.SLOW)
        self.assertTrue(wait_for(lambda: self.ended("s.db") >= 2))
        second = self.start("--trials", "40", "--study", "s.db", command=self.SLOW)
        for process in (first, second):
            out, err = process.communicate(timeout=60 * PATIENCE)
            self.assertEqual(process.returncode, 0, err)
            self.assertIn(b"The best command", out)
        logs = [len(list((self.folder / name / "trials").iterdir())) for name in ("runs/sh", "runs/sh-2")]
        self.assertGreater(min(logs), 3, "both have worked")
        self.assertLessEqual(sum(logs), 41)
        with sqlite3.connect(self.folder / "s.db") as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        # Another question has no place there.
        done = self.search("--trials", "2", "--study", "s.db", command=["sh", "-c", "echo loss=$0", "*1..2"], code=3)
        self.assertIn("going on with the study", done.err)


class Cost(Search):
    def test_of_a_trial_is_small(self):
        """5 ms at most beside the program's own time. What the disk takes to make a trial durable is the disk's."""
        alone = []
        for _ in range(50):
            begun = time.perf_counter()
            subprocess.run(["sh", "-c", "echo loss=1", "0.5"], stdout=subprocess.DEVNULL, check=True)
            alone.append(time.perf_counter() - begun)
        memory = tempfile.mkdtemp(dir="/dev/shm") if os.access("/dev/shm", os.W_OK) else str(self.folder)
        self.addCleanup(shutil.rmtree, memory, ignore_errors=True)
        for where in (str(self.folder), memory):
            begun = time.perf_counter()
            self.search("--trials", "200", "--proposer", "random", "--quiet", "--study", f"{where}/s.db",
                        command=["sh", "-c", "echo loss=1", "*0.0..1.0"])
            extra = (time.perf_counter() - begun) / 200 - statistics.median(alone)
            print(f"search adds {extra * 1e3:.2f} ms to a trial of {statistics.median(alone) * 1e3:.2f} ms, study in {where}",
                  file=sys.stderr)
        self.assertLess(extra, 0.005)


def is_alive(process):
    """Not a zombie: those wait for whoever has to bury them."""
    try:
        status = pathlib.Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def points(folder):
    return [re.search(r"^\$ .*", path.read_text())[0] for path in (folder / "trials").iterdir()]


if __name__ == "__main__":
    os.environ.pop("PYTHONUNBUFFERED", None)
    unittest.main()
