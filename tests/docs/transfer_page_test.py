# SPDX-License-Identifier: Apache-2.0
"""docs/transfer.md: its first block runs, from first to last, and the certificate is the line that the page shows."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, PYTHON, ROOT


class TransferPage(unittest.TestCase):
    def test_every_command_works(self):
        if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
        page = (ROOT / "docs" / "transfer.md").read_text()
        (block,) = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True,
                           capture_output=True)
            (pathlib.Path(folder) / "bin").mkdir()
            (pathlib.Path(folder) / "bin" / "astrolabe").symlink_to(PROGRAM)
            done = subprocess.run(["bash", "-e", "-c", block], cwd=folder, capture_output=True, text=True, check=False,
                                  env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "NO_COLOR": "1"})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("starts as the old model: largest difference", done.stdout)
            self.assertIn("old rows rehearsed", done.stdout)


if __name__ == "__main__":
    unittest.main()
