# SPDX-License-Identifier: Apache-2.0
import unittest

import planted_tree

check_sizes = planted_tree.load_tool("check_sizes")
import cpp_outline  # noqa: E402  (its folder is on the path only now)


class CheckSizes(planted_tree.PlantedTreeTest):
    def problems(self):
        return check_sizes.check(self.root)[0]

    def told(self):
        return check_sizes.check(self.root)[1]

    def test_a_right_tree_has_no_problems(self):
        self.assertEqual(check_sizes.check(self.root)[:2], ([], []))

    def test_a_header_above_the_soft_limit_is_told_only(self):
        self.write("src/astrolabe/base/long.h", "\n" * 201)
        self.assertEqual(self.problems(), [])
        self.assert_one(self.told(), "long.h: 201 lines, more than 200")

    def test_a_header_above_the_hard_limit_is_caught(self):
        self.write("src/astrolabe/base/long.h", "\n" * 401)
        self.assert_one(self.problems(), "401 lines; the limit is 400")

    def test_a_source_above_the_hard_limit_is_caught(self):
        self.write("src/astrolabe/base/long.cpp", "\n" * 801)
        self.assert_one(self.problems(), "801 lines; the limit is 800")

    def test_a_reviewed_exception_holds_up_to_its_own_limit(self):
        self.write("tools/size_exceptions.txt", "# path lines reason\nsrc/astrolabe/base/long.cpp 900 a table\n")
        self.write("src/astrolabe/base/long.cpp", "\n" * 900)
        self.assertEqual(self.problems(), [])
        self.append("src/astrolabe/base/long.cpp", "\n")
        self.assert_one(self.problems(), "901 lines; the limit is 900")

    def test_an_exception_for_nothing_is_caught(self):
        self.write("tools/size_exceptions.txt", "src/astrolabe/base/gone.cpp 900 a table\n")
        self.assert_one(self.problems(), "src/astrolabe/base/gone.cpp does not exist")

    def test_banned_file_names_are_caught(self):
        for name in ("string_util.h", "common.cpp", "misc.py", "gemm_impl2.cpp"):
            with self.subTest(name):
                self.write(f"src/astrolabe/base/{name}", "")
                self.assert_one(self.problems(), name, "says nothing")
                (self.root / "src/astrolabe/base" / name).unlink()

    def test_banned_type_names_are_caught(self):
        self.write("src/astrolabe/base/error.h", "class ErrorManager {};\n")
        self.assert_one(self.problems(), "the type ErrorManager is named 'manager'")

    def test_a_word_inside_a_word_is_fine(self):
        self.write("src/astrolabe/base/information.h", "struct Commonplace {};\nstruct Information {};\n")
        self.assertEqual(self.problems(), [])

    def test_a_long_function_is_told(self):
        body = "  work();\n" * 60
        self.write("src/astrolabe/base/error.cpp", f"namespace a {{\nint f(int x) {{\n{body}}}\n}}\n")
        self.assertEqual(self.problems(), [])
        self.assert_one(self.told(), "error.cpp:2: f has 62 lines")


class CppOutline(unittest.TestCase):
    def test_functions_are_found_with_their_lines(self):
        text = "namespace a {\nclass B {\n  B() : x_{1} {}\n  int f() const {\n    return 1;\n  }\n};\n}\nvoid g() {\n}\n"
        found = cpp_outline.functions(text)
        self.assertIn(("f", 4, 6), found)
        self.assertIn(("g", 9, 10), found)

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = 'void f() {\n  auto a = "{{{";  // {\n  char b = \'{\';\n  auto c = R"x({)x";\n  long d = 1\'000\'000;\n}\nvoid g() {}\n'
        self.assertEqual(cpp_outline.functions(text), [("f", 1, 6), ("g", 7, 7)])

    def test_a_lambda_belongs_to_its_function(self):
        text = "void f() {\n  auto g = [](int x) {\n    return x;\n  };\n}\n"
        self.assertEqual(cpp_outline.functions(text), [("f", 1, 5)])

    def test_a_table_is_not_a_function(self):
        text = "const Row rows[] = {\n  {f(1)},\n};\nstruct S {\n  int x = f(2);\n};\n"
        self.assertEqual(cpp_outline.functions(text), [])


if __name__ == "__main__":
    unittest.main()
