// SPDX-License-Identifier: Apache-2.0
// Whether a test file runs every C++ snippet of a page: all lines of a snippet stand in it, in their order,
// whatever their indents and comments.
//
//   EXPECT_EQ(expect_snippets_of(ASTROLABE_ENGINE_PAGE, ASTROLABE_ENGINE_SNIPPETS), 4U);
#pragma once

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace astrolabe {

inline std::string without_spaces(const std::string& line) {
  std::string text;
  const std::string code = line.substr(0, line.find("//"));
  for (const char c : code)
    if (c != ' ') text += c;
  return text;
}

// The code of lines of a file without spaces and comments; of a page only what is C++, a line each.
inline std::string code_of(const std::string& path, bool is_page) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::string code;
  bool is_inside = !is_page;
  for (std::string line; std::getline(file, line);) {
    if (is_page && line.starts_with("```")) {
      is_inside = line == "```cpp";
      if (!is_inside) code += '\n';
    } else if (is_inside) {
      code += without_spaces(line);
    }
  }
  return code;
}

// How many snippets the page has; each that the file does not have fails the test.
inline std::size_t expect_snippets_of(const std::string& page_path, const std::string& file_path) {
  const std::string here = code_of(file_path, false);
  const std::string page = code_of(page_path, true);
  std::size_t snippets = 0;
  for (std::size_t begin = 0; begin < page.size();) {
    const std::size_t end = page.find('\n', begin);
    const std::string snippet = page.substr(begin, end - begin);
    begin = end + 1;
    if (snippet.empty()) continue;
    ++snippets;
    EXPECT_NE(here.find(snippet), std::string::npos) << snippet;
  }
  return snippets;
}

}  // namespace astrolabe
