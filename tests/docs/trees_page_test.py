# SPDX-License-Identifier: Apache-2.0
"""docs/learners/trees.md, forest.md and kernel.md: their commands run, and their tables of settings are those of the program."""

import json
import re
import subprocess
import unittest

from readme_test import PROGRAM, ROOT, commands_of, run_commands

PAGES = {name: ROOT / "docs" / "learners" / f"{name}.md" for name in ("trees", "forest", "kernel")}


class TreesPages(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, [words for page in PAGES.values() for words in commands_of(page)], 9)

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
