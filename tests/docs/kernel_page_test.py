# SPDX-License-Identifier: Apache-2.0
"""docs/learners/kernel.md: its commands run, from first to last."""

import unittest

from readme_test import ROOT, run_commands


class KernelPage(unittest.TestCase):
    def test_every_command_works(self):
        run_commands(self, ROOT / "docs" / "learners" / "kernel.md", 5)


if __name__ == "__main__":
    unittest.main()
