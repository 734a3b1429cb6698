# SPDX-License-Identifier: Apache-2.0
"""docs/images.md: its script writes pictures, its commands run on them, from first to last."""

import re
import subprocess
import sys
import tempfile
import unittest

from readme_test import PROGRAM, ROOT, commands_of, in_short

PAGE = ROOT / "docs" / "images.md"


class ImagesPage(unittest.TestCase):
    def test_every_command_works(self):
        (script,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        commands = list(commands_of(PAGE))
        self.assertGreaterEqual(len(commands), 6)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)
            for words in commands:
                done = subprocess.run([PROGRAM, *in_short(words)[1:]], cwd=folder, capture_output=True, text=True,
                                      check=False)
                self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    unittest.main()
