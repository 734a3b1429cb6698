# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import json
import shutil
import unittest

import planted_tree

tool = planted_tree.load_tool("check_tidy")

ERROR = "src/astrolabe/base/error.cpp"


class OwnHeaders(planted_tree.PlantedTreeTest):
    def test_headers_are_found_through_headers(self):
        self.write("src/astrolabe/base/text.h", "#pragma once\n")
        self.append("src/astrolabe/base/error.h", '#include "astrolabe/base/text.h"\n')
        expected = ["src/astrolabe/base/error.h", "src/astrolabe/base/text.h"]
        self.assertEqual(tool.own_headers(self.root, ERROR), expected)

    def test_a_changed_header_changes_the_fingerprint(self):
        self.write(".clang-tidy", "")
        before = tool.fingerprint(self.root, ERROR, "g++", "19")
        self.append("src/astrolabe/base/error.h", "\n")
        self.assertNotEqual(tool.fingerprint(self.root, ERROR, "g++", "19"), before)


@unittest.skipUnless(shutil.which(tool.TIDY), f"{tool.TIDY} is not installed: ./dev setup lint")
class CheckTidy(planted_tree.PlantedTreeTest):
    def setUp(self):
        super().setUp()
        shutil.copy(planted_tree.TOOLS.parent / ".clang-tidy", self.root)
        self.write(ERROR, '#include "astrolabe/base/error.h"\n')
        self.write("src/astrolabe/base/error.h", "#pragma once\n")
        command = {"directory": str(self.root), "file": str(self.root / ERROR), "command": f"c++ -Isrc -c {ERROR}"}
        self.write("build/release/compile_commands.json", json.dumps([command]))

    def check(self) -> tuple[int, str]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = tool.check(self.root, [ERROR], 1)
        return status, said.getvalue()

    def test_clean_code_is_clean_and_looked_at_once(self):
        self.write(ERROR, "class Door {\n public:\n  int open() { return ++count_; }\n\n private:\n  int count_ = 0;\n};\n")
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("1 of 1 files looked at", said)
        self.assertIn("0 of 1 files looked at", self.check()[1])

    def test_names_against_the_rules_are_caught(self):
        names = {
            "class door_frame {};": "door_frame",
            "int CountRows() { return 1; }": "CountRows",
            "class Door {\n  int width = 0;\n};": "width",
            "constexpr int Limit = 3;": "Limit",
        }
        for code, name in names.items():
            with self.subTest(name):
                self.write(ERROR, code + "\n")
                status, said = self.check()
                self.assertEqual(status, 1)
                self.assertIn(f"'{name}'", said)
                self.assertIn("readability-identifier-naming", said)

    def test_a_finding_in_a_header_is_caught(self):
        self.write("src/astrolabe/base/error.h", "#pragma once\ninline int* nothing() { return 0; }\n")
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn("modernize-use-nullptr", said)

    def test_code_that_does_not_compile_is_caught(self):
        self.write(ERROR, "int f( {\n")
        self.assertEqual(self.check()[0], 1)


if __name__ == "__main__":
    unittest.main()
