# SPDX-License-Identifier: Apache-2.0
"""docs/evidence.md: its commands run, from first to last."""

import unittest

from readme_test import ROOT, run_commands


class EvidencePage(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, ROOT / "docs" / "evidence.md", 6)


if __name__ == "__main__":
    unittest.main()
