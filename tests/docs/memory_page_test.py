# SPDX-License-Identifier: Apache-2.0
"""docs/memory.md: what it says of planning is what the program prints."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, ROOT

PAGE = ROOT / "docs" / "memory.md"


def block(kind):
    return re.search(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]


class MemoryPage(unittest.TestCase):
    def test_the_plan_of_the_page(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "buffers.csv").write_text(block("csv"))
            done = subprocess.run([PROGRAM, *shlex.split(block("sh"))[1:]], cwd=folder, capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.strip(), block("text").strip())
            self.assertTrue((folder / "plan.svg").read_text().startswith("<svg"))
            self.assertEqual(len((folder / "plan.csv").read_text().splitlines()), 6)


if __name__ == "__main__":
    unittest.main()
