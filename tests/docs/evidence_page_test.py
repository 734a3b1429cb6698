# SPDX-License-Identifier: Apache-2.0
"""docs/evidence.md: its commands run, from first to last."""

import unittest

from readme_test import ROOT, commands_of, run_commands


class EvidencePage(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, list(commands_of(ROOT / "docs" / "evidence.md")), 6)


if __name__ == "__main__":
    unittest.main()
