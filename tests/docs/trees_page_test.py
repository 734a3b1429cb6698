# SPDX-License-Identifier: Apache-2.0
"""docs/learners/trees.md: its commands run, and its table of settings is that of the program."""

import json
import re
import shlex
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, PYTHON, ROOT, commands_of

PAGE = ROOT / "docs" / "learners" / "trees.md"


class TreesPage(unittest.TestCase):
    def test_every_command_works(self):
        if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
        commands = list(commands_of(PAGE))
        self.assertGreaterEqual(len(commands), 4)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True,
                           capture_output=True)
            for words in commands:
                self.assertEqual(words[0], "astrolabe")
                done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")

    def test_the_settings_and_defaults_are_those_of_the_program(self):
        told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", PAGE.read_text().split("## Losses")[0], re.MULTILINE))
        done = subprocess.run([PROGRAM, "parts", "learner", "--json"], capture_output=True, text=True, check=True)
        trees = next(part for part in json.loads(done.stdout)["slots"][0]["parts"] if part["name"] == "trees")
        found = {setting["name"]: setting["default"] for setting in trees["settings"]}
        self.assertEqual(list(told), list(found))
        for name, default in found.items():
            self.assertEqual(told[name], default if isinstance(default, str) else f"{default:g}", name)


if __name__ == "__main__":
    unittest.main()
