# SPDX-License-Identifier: Apache-2.0
"""Every `astrolabe` command of README.md runs, in order, in one folder, on the demo's own tables."""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["ASTROLABE_PROGRAM"]
PYTHON = os.environ.get("ASTROLABE_PYTHON", "")


def commands_of(page):
    """The lines of its sh blocks, without trailing comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def in_short(words):
    """The command with a fifth of the time and the trials that the page gives it, which are for people; at least two."""

    def shorter(told):
        return f"{told[1]}{min(int(told[2]), max(2, int(told[2]) // 5))}{told[3]}"

    return [re.sub(r"^(\+?)(\d+)(s?)$", shorter, word) if before in ("--time", "--trials") else word
            for before, word in zip(["", *words], words)]


def run_commands(test, commands, least):
    """Runs them in short, at least so many, all of them astrolabe's, on the demo's tables; the ledger of claims lies beside them."""
    if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
        test.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
    test.assertGreaterEqual(len(commands), least)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True, capture_output=True)
        environment = {**os.environ, "ASTROLABE_CLAIMS": f"{folder}/claims.db", "ASTROLABE_SCHEDULES": f"{folder}/schedules.db"}
        for words in commands:
            test.assertEqual(words[0], "astrolabe")
            done = subprocess.run([PROGRAM, *in_short(words)[1:]], cwd=folder, capture_output=True, text=True, check=False,
                                  env=environment)
            test.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")


class Readme(unittest.TestCase):
    def test_every_command_works(self):
        commands = list(commands_of(ROOT / "README.md"))
        self.assertIn(["./dev", "demo"], commands)
        self.assertIn(["./dev", "test"], commands)
        run_commands(self, [words for words in commands if words[0] == "astrolabe"], 5)


if __name__ == "__main__":
    unittest.main()
