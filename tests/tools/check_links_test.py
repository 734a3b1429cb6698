# SPDX-License-Identifier: Apache-2.0
import unittest

import planted_tree

check_links = planted_tree.load_tool("check_links")


class CheckLinks(planted_tree.PlantedTreeTest):
    def problems(self):
        return check_links.check(self.root)

    def test_a_right_tree_has_no_problems(self):
        self.write("README.md", "[the words](docs/design.md#the-words) and `src/astrolabe/base` <https://example.org/x>\n")
        self.append("src/astrolabe/base/error.cpp", "// See docs/design.md, section 1.\n")
        self.assertEqual(self.problems(), [])

    def test_a_link_to_nothing_is_caught(self):
        self.write("README.md", "\n[design](docs/desing.md)\n")
        self.assert_one(self.problems(), "README.md:2", "docs/desing.md leads nowhere")

    def test_an_image_of_nothing_is_caught(self):
        self.write("README.md", '<img src="docs/picture.svg">\n')
        self.assert_one(self.problems(), "docs/picture.svg leads nowhere")

    def test_a_link_to_no_heading_is_caught(self):
        self.write("README.md", "[words](docs/design.md#the-verbs)\n")
        self.assert_one(self.problems(), "docs/design.md#the-verbs has no such heading")

    def test_a_path_in_code_that_does_not_exist_is_caught(self):
        self.write("README.md", "Look into `src/astrolabe/ghost/`.\n")
        self.assert_one(self.problems(), "src/astrolabe/ghost/ does not exist")

    def test_a_pattern_is_not_a_path(self):
        self.write("README.md", "`tests/<module>/`, `src/astrolabe/...`, `benchmarks/*/run.sh`\n")
        self.assertEqual(self.problems(), [])

    def test_a_fenced_block_is_not_checked(self):
        self.write("README.md", "```\n[x](nowhere.md)\n```\n")
        self.assertEqual(self.problems(), [])

    def test_a_comment_that_names_a_path_that_does_not_exist_is_caught(self):
        self.append("src/astrolabe/base/error.cpp", "int x;  // as docs/ghost.md says\n")
        self.assert_one(self.problems(), "error.cpp:3", "the comment names docs/ghost.md")


if __name__ == "__main__":
    unittest.main()
