# SPDX-License-Identifier: Apache-2.0
"""docs/privacy.md: its commands run, from first to last, and print what the page says they print."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from readme_test import PROGRAM, ROOT, commands_of

PAGE = ROOT / "docs" / "privacy.md"


def shown_figures():
    """(command, what the page shows below it): a `sh` block that a `text` block follows."""
    pairs = re.findall(r"^```sh\n([^\n]*)\n```\n\n```text\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [(shlex.split(command, comments=True), text) for command, text in pairs]


class PrivacyPage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_words(self, words):
        done = subprocess.run([PROGRAM, *words[1:]], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_every_command_about_accounting_works(self):
        commands = [words for words in commands_of(PAGE) if words[:2] == ["astrolabe", "privacy"]]
        self.assertGreaterEqual(len(commands), 5)
        for words in commands:
            self.run_words(words)

    def test_shows_what_the_program_prints(self):
        shown = shown_figures()
        self.assertGreaterEqual(len(shown), 2)
        for words, text in shown:
            self.assertEqual(self.run_words(words).strip(), text.strip(), shlex.join(words))


if __name__ == "__main__":
    unittest.main()
