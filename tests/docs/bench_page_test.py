# SPDX-License-Identifier: Apache-2.0
"""docs/bench.md: its commands run, from first to last; its suite is one."""

import os
import re
import shlex
import subprocess
import tempfile
import textwrap
import unittest

from readme_test import PROGRAM, PYTHON, ROOT, commands_of

PAGE = ROOT / "docs" / "bench.md"


class BenchPage(unittest.TestCase):
    def test_every_command_works(self):
        if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
        commands = list(commands_of(PAGE))
        self.assertGreaterEqual(len(commands), 6)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True,
                           capture_output=True)
            for words in commands:
                self.assertEqual(words[0], "astrolabe")
                done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")

    def test_its_suite_is_read(self):
        (suite,) = re.findall(r"^    # my-suite.toml\n(?:(?:    .*)?\n)+", PAGE.read_text(), re.MULTILINE)
        with tempfile.TemporaryDirectory() as folder:
            text = textwrap.dedent(suite).replace("seeds = 10", "seeds = 2").replace("rows = 2000", "rows = 100")
            with open(os.path.join(folder, "my-suite.toml"), "w", encoding="utf-8") as file:
                file.write(text.replace("architecture=64-64", "architecture=8, epochs=5"))
            done = subprocess.run([PROGRAM, "bench", "my-suite.toml", "--quiet"], cwd=folder, capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Claim: SiLU beats ReLU", done.stdout)
            self.assertIn("1 skipped", done.stdout)  # adult.csv is not beside it


if __name__ == "__main__":
    unittest.main()
