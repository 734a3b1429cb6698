# SPDX-License-Identifier: Apache-2.0
import unittest

import planted_tree

check_layers = planted_tree.load_tool("check_layers")


class CheckLayers(planted_tree.PlantedTreeTest):
    def problems(self):
        return check_layers.check(self.root)

    def test_a_right_tree_has_no_problems(self):
        self.assertEqual(self.problems(), [])

    def test_an_include_upwards_is_caught(self):
        self.write("src/astrolabe/data/table.h", "#pragma once\n")
        self.append("src/astrolabe/base/error.cpp", '#include "astrolabe/data/table.h"\n')
        self.assert_one(self.problems(), "error.cpp:3", "base (rank 0) may not include data (rank 2)")

    def test_an_include_sideways_is_caught(self):
        self.write("src/astrolabe/graph/CMakeLists.txt", "astrolabe_module(graph DEPENDS data)\n")
        self.append("src/CMakeLists.txt", "add_subdirectory(astrolabe/graph)\n")
        self.write("src/astrolabe/data/table.h", "#pragma once\n")
        self.write("src/astrolabe/graph/node.h", '#include "astrolabe/data/table.h"\n')
        self.assert_one(self.problems(), "graph (rank 2) may not include data (rank 2)")

    def test_learners_are_strangers_to_each_other(self):
        for name, depends in (("trees", "learners_linear"), ("linear", "base")):
            self.write(f"src/astrolabe/learners/{name}/CMakeLists.txt",
                       f"astrolabe_module(learners_{name} DEPENDS {depends})\n")  # fmt: skip
            self.append("src/CMakeLists.txt", f"add_subdirectory(astrolabe/learners/{name})\n")
        self.write("src/astrolabe/learners/linear/linear.h", "#pragma once\n")
        self.write("src/astrolabe/learners/trees/trees.h", '#include "astrolabe/learners/linear/linear.h"\n')
        self.assert_one(self.problems(), "learners/trees (rank 7) may not include learners/linear (rank 7)")

    def test_an_include_that_depends_does_not_name_is_caught(self):
        self.write("src/astrolabe/data/CMakeLists.txt", "astrolabe_module(data SOURCES table.cpp)\n")
        self.assert_one(self.problems(), "data includes base, which its DEPENDS does not name")

    def test_a_commented_dependency_does_not_count(self):
        self.write("src/astrolabe/data/CMakeLists.txt", "astrolabe_module(data SOURCES table.cpp\n  # DEPENDS base\n)\n")
        self.assert_one(self.problems(), "DEPENDS does not name")

    def test_a_plug_in_depends_on_what_it_links(self):
        self.write("src/astrolabe/data/readers/CMakeLists.txt",
                   "add_library(astrolabe_readers MODULE csv.cpp)\n"
                   "target_link_libraries(astrolabe_readers PRIVATE astrolabe_base Arrow::arrow)\n")  # fmt: skip
        self.append("src/astrolabe/data/CMakeLists.txt", "add_subdirectory(readers)\n")
        self.write("src/astrolabe/data/readers/csv.cpp",
                   '#include "astrolabe/base/error.h"\n#include <arrow/api.h>\n')  # fmt: skip
        self.assertEqual(self.problems(), [])

    def test_a_library_outside_its_folder_is_caught(self):
        self.append("src/astrolabe/data/table.cpp", "#include <arrow/api.h>\n")
        self.assert_one(self.problems(), "table.cpp:3", "<arrow/api.h> is for data/readers only")

    def test_an_unknown_library_is_caught(self):
        self.append("src/astrolabe/data/table.cpp", "#include <glib/glib.h>\n")
        self.assert_one(self.problems(), "<glib/glib.h> belongs to no library")

    def test_a_relative_include_is_caught(self):
        self.append("src/astrolabe/base/error.cpp", '#include "error.h"\n')
        self.assert_one(self.problems(), "not written from the include root")

    def test_an_include_of_nothing_is_caught(self):
        self.append("src/astrolabe/base/error.cpp", '#include "astrolabe/base/ghost.h"\n')
        self.assert_one(self.problems(), '"astrolabe/base/ghost.h" does not exist')

    def test_a_source_that_is_not_listed_is_caught(self):
        self.write("src/astrolabe/data/column.cpp", "")
        self.assert_one(self.problems(), "src/astrolabe/data/column.cpp: stands in no CMakeLists.txt")

    def test_a_listed_source_that_is_not_there_is_caught(self):
        (self.root / "src/astrolabe/data/table.cpp").unlink()
        self.assert_one(self.problems(), "lists src/astrolabe/data/table.cpp, which does not exist")

    def test_a_source_may_be_listed_by_its_full_path(self):
        self.write("src/astrolabe/data/seal_misuse.cpp", "")
        self.append("src/astrolabe/data/CMakeLists.txt",
                    "set(compile ${CXX} -c\n  ${CMAKE_CURRENT_SOURCE_DIR}/seal_misuse.cpp)\n")  # fmt: skip
        self.assertEqual(self.problems(), [])

    def test_a_module_that_is_never_built_is_caught(self):
        self.write("src/astrolabe/stats/CMakeLists.txt", "astrolabe_module(stats DEPENDS base)\n")
        self.assert_one(self.problems(), "src/astrolabe/stats/CMakeLists.txt: no add_subdirectory reaches it")

    def test_a_folder_without_a_rank_is_caught(self):
        self.write("src/astrolabe/sundry/CMakeLists.txt", "astrolabe_module(sundry DEPENDS base)\n")
        self.append("src/CMakeLists.txt", "add_subdirectory(astrolabe/sundry)\n")
        self.assert_one(self.problems(), "src/astrolabe/sundry: this folder has no rank")

    def test_a_module_under_another_name_is_caught(self):
        self.write("src/astrolabe/data/CMakeLists.txt", "astrolabe_module(table SOURCES table.cpp DEPENDS base)\n")
        self.assert_one(self.problems(), "astrolabe_module(table) should be named data")


if __name__ == "__main__":
    unittest.main()
