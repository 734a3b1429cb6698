# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import unittest

import planted_tree

import changed_sources  # noqa: E402  (planted_tree puts its folder on the path)

ERROR, TABLE = "src/astrolabe/base/error.cpp", "src/astrolabe/data/table.cpp"


class ChangedSources(planted_tree.PlantedTreeTest):
    def setUp(self):
        super().setUp()
        os.environ.pop("ASTROLABE_LINT_BASE", None)
        self.git("init", "-q", "-b", "main")
        self.commit()

    def git(self, *arguments):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", "-C", str(self.root), *identity, *arguments], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A change")

    def changed(self):
        return changed_sources.changed_sources(self.root)

    def test_the_first_commit_selects_everything(self):
        self.assertEqual(self.changed(), [ERROR, TABLE])

    def test_on_main_the_last_commit_counts(self):
        self.append(TABLE, "\n")
        self.commit()
        self.assertEqual(self.changed(), [TABLE])

    def test_on_a_branch_everything_since_main_counts(self):
        self.git("checkout", "-q", "-b", "work")
        self.append(TABLE, "\n")
        self.commit()
        self.append(ERROR, "\n")
        self.commit()
        self.assertEqual(self.changed(), [ERROR, TABLE])

    def test_work_that_is_not_committed_counts(self):
        self.append("README.md", "\n")
        self.commit()
        self.append(ERROR, "\n")
        self.write("src/astrolabe/data/column.cpp", "")
        self.assertEqual(self.changed(), [ERROR, "src/astrolabe/data/column.cpp"])

    def test_a_header_stands_for_the_source_beside_it(self):
        self.append("src/astrolabe/base/error.h", "\n")
        self.commit()
        self.assertEqual(self.changed(), [ERROR])

    def test_a_header_alone_stands_for_a_source_that_includes_it(self):
        self.write("src/astrolabe/base/limits.h", "")
        self.append(TABLE, '#include "astrolabe/base/limits.h"\n')
        self.commit()
        self.append("src/astrolabe/base/limits.h", "\n")
        self.commit()
        self.assertEqual(self.changed(), [TABLE])

    def test_all_is_all(self):
        self.append(TABLE, "\n")
        self.commit()
        self.assertEqual(changed_sources.every_source(self.root), [ERROR, TABLE])


if __name__ == "__main__":
    unittest.main()
