# SPDX-License-Identifier: Apache-2.0
"""A small source tree on disk, right in every way, into which a test plants one violation."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
sys.dont_write_bytecode = True


def load_tool(name: str):
    """A tool without an ending, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class PlantedTreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/CMakeLists.txt", "add_subdirectory(astrolabe/base)\nadd_subdirectory(astrolabe/data)\n")
        self.write("src/astrolabe/base/CMakeLists.txt", "astrolabe_module(base\n  SOURCES\n    error.cpp)\n")
        self.write("src/astrolabe/base/error.h", "#pragma once\n#include <string>\n")
        self.write("src/astrolabe/base/error.cpp", '#include "astrolabe/base/error.h"\n#include <xxhash.h>\n')
        self.write("src/astrolabe/data/CMakeLists.txt", "astrolabe_module(data SOURCES table.cpp DEPENDS base)\n")
        self.write("src/astrolabe/data/table.cpp", '#include "astrolabe/base/error.h"\n#include <fmt/format.h>\n')
        self.write("docs/design.md", "# Design\n\n## The words\n")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        with (self.root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def assert_one(self, problems: list[str], *parts: str) -> None:
        self.assertEqual(len(problems), 1, problems)
        for part in parts:
            self.assertIn(part, problems[0])
