# SPDX-License-Identifier: Apache-2.0
"""Runs the built program as a user would, in a fresh folder per test."""

import copy
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["ASTROLABE_PROGRAM"]
DATA = os.environ.get("ASTROLABE_DATA")
# How many times longer than for a release a test waits for this build: timeouts, limits and budgets that must reach
# something, never what a test asserts about results. tests/support/patience.h has the same for C++.
PATIENCE = {"thread": 20, "address,undefined": 6}.get(os.environ.get("ASTROLABE_SANITIZE", ""), 1)


class EndToEnd(unittest.TestCase):
    """A test with a folder of its own; relative paths in commands start there."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="astrolabe-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def once(self, name, make):
        """What make() returns and leaves in its folder, which the tests of a class that ask for one name get copies of."""
        cls, own = type(self), self.folder
        if "made" not in cls.__dict__:
            cls.made = {}
            cls.kept = pathlib.Path(tempfile.mkdtemp(prefix="astrolabe-e2e-"))
            cls.addClassCleanup(shutil.rmtree, cls.kept, ignore_errors=True)
        if name not in cls.made:
            self.folder = cls.kept / name  # where a run's data stay while the class has tests
            self.folder.mkdir()
            cls.made[name] = make()
            self.folder = own
        shutil.copytree(cls.kept / name, own, dirs_exist_ok=True)
        return copy.deepcopy(cls.made[name])

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def shared(self, name):
        if DATA is None:
            self.skipTest("ASTROLABE_DATA is not set: the shared data is not here")
        return str(pathlib.Path(DATA) / "tabular" / name)

    def run_program(self, *arguments, code=0, env=None, timeout=240):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True,
                              timeout=timeout * PATIENCE, env={**os.environ, "NO_COLOR": "1", **(env or {})}, check=False)
        done.out, done.err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.out}\n{done.err}")
        return done

    def run_json(self, *arguments, **keywords):
        return json.loads(self.run_program(*arguments, "--json", "--quiet", **keywords).out)

    def start_program(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)


def classification_csv(rows, seed=1, extra=""):
    """A learnable binary table: y follows x1 + noise; `city` matters a little; some cells are missing."""
    state = seed
    lines = ["x1,x2,city,y" + (",note" if extra else "")]
    for _ in range(rows):
        draws = []
        for _ in range(4):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            draws.append((state >> 33) / 2**31)
        x1, x2 = draws[0] * 4 - 2, draws[1]
        city = ["Oslo", "Bern", "Rome"][int(draws[2] * 3)]
        y = "yes" if x1 + (0.5 if city == "Rome" else 0) + draws[3] * 2 - 1 > 0 else "no"
        first = "" if draws[1] < 0.03 else f"{x1:.4f}"
        lines.append(f"{first},{x2:.4f},{city},{y}" + (f",{extra}" if extra else ""))
    return "\n".join(lines) + "\n"


def limit(seconds):
    """The `--time` within which this build does what a release does in so many seconds."""
    return f"{seconds * PATIENCE}s"


def wait_for(condition, seconds=60):
    end = time.time() + seconds * PATIENCE
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


__all__ = ["EndToEnd", "classification_csv", "limit", "wait_for", "signal", "json", "unittest", "DATA", "PATIENCE", "PROGRAM"]
