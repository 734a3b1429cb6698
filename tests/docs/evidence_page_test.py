# SPDX-License-Identifier: Apache-2.0
"""docs/evidence.md: its commands run, from first to last."""

import os
import shlex
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, PYTHON, ROOT, commands_of


class EvidencePage(unittest.TestCase):
    def test_every_command_works(self):
        if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
        commands = list(commands_of(ROOT / "docs" / "evidence.md"))
        self.assertGreaterEqual(len(commands), 6)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True,
                           capture_output=True)
            environment = {**os.environ, "ASTROLABE_CLAIMS": f"{folder}/claims.db"}
            for words in commands:
                self.assertEqual(words[0], "astrolabe")
                done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, check=False,
                                      env=environment)
                self.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    unittest.main()
