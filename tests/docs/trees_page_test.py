# SPDX-License-Identifier: Apache-2.0
"""docs/learners/trees.md, forest.md and kernel.md: their commands run, and their tables of settings are those of the program."""

import json
import re
import shlex
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, PYTHON, ROOT, commands_of

PAGES = {name: ROOT / "docs" / "learners" / f"{name}.md" for name in ("trees", "forest", "kernel")}


class TreesPages(unittest.TestCase):
    def test_every_command_works(self):
        if subprocess.run([PYTHON or "false", "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("scikit-learn, which carries the demo's tables, is not installed: ./dev setup")
        commands = [words for page in PAGES.values() for words in commands_of(page)]
        self.assertGreaterEqual(len(commands), 9)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PYTHON, ROOT / "tools" / "write_demo_data.py", "build/demo"], cwd=folder, check=True,
                           capture_output=True)
            for words in commands:
                self.assertEqual(words[0], "astrolabe")
                done = subprocess.run([PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")

    def test_the_settings_and_defaults_are_those_of_the_program(self):
        done = subprocess.run([PROGRAM, "parts", "learner", "--json"], capture_output=True, text=True, check=True)
        parts = {part["name"]: part for part in json.loads(done.stdout)["slots"][0]["parts"]}
        for learner, page in PAGES.items():
            table = page.read_text().split("\n## Settings")[1].split("\n## ")[0]
            told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", table, re.MULTILINE))
            found = {setting["name"]: setting["default"] for setting in parts[learner]["settings"]}
            self.assertEqual(list(told), list(found))
            for name, default in found.items():
                text = default if isinstance(default, str) else json.dumps(default) if isinstance(default, bool) else f"{default:g}"
                self.assertEqual(told[name], text, name)


if __name__ == "__main__":
    unittest.main()
