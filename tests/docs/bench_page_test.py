# SPDX-License-Identifier: Apache-2.0
"""docs/bench.md: its commands run, from first to last; its suite is one."""

import os
import re
import subprocess
import tempfile
import textwrap
import unittest

from readme_test import PROGRAM, ROOT, commands_of, run_commands

PAGE = ROOT / "docs" / "bench.md"


class BenchPage(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, list(commands_of(PAGE)), 6)

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
