# SPDX-License-Identifier: Apache-2.0
"""docs/engine.md: its commands run, from first to last."""

import unittest

from readme_test import ROOT, commands_of, run_commands


class EnginePage(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, list(commands_of(ROOT / "docs" / "engine.md")), 4)


if __name__ == "__main__":
    unittest.main()
