// SPDX-License-Identifier: Apache-2.0
// docs/language.md says what the tables say.
#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/graph/expression_functions.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/vocabulary.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

class LanguagePage : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(ASTROLABE_PAGE);
    ASSERT_TRUE(file.is_open()) << ASTROLABE_PAGE;
    std::ostringstream text;
    text << file.rdbuf();
    page_ = text.str();
  }
  void expect(const std::string& words) const { EXPECT_NE(page_.find(words), std::string::npos) << words; }
  // In code: behind a backquote or a blank, followed by something that ends a name.
  void expect_name(std::string_view name) const {
    for (std::size_t at = page_.find(name); at != std::string::npos; at = page_.find(name, at + 1)) {
      const char before = page_[at - 1];
      const char behind = page_[at + name.size()];
      if ((before == '`' || before == ' ') && (behind == '`' || behind == ' ' || behind == '(')) return;
    }
    ADD_FAILURE() << name;
  }

  std::string page_;
};

TEST_F(LanguagePage, names_every_function_and_variable) {
  for (const FunctionRow& row : function_rows()) expect_name(row.name);
  for (const MathRow& row : math_rows()) expect_name(row.name);
  for (const VariableRow& row : variable_rows()) expect_name(row.name);
  for (const std::string_view name : kTrainableNames) expect_name(name);
}

TEST_F(LanguagePage, shows_every_part_with_its_settings_and_formula) {
  for (const Vocabulary slot :
       {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer, Vocabulary::schedule}) {
    for (const PartRow& row : parts_of(slot)) {
      expect_name(row.name);
      const bool is_itself = row.body == fmt::format("{}(x)", row.name);
      if (!is_itself) expect(fmt::format("`{}`", row.body));
      for (const PartSetting& setting : row.settings) {
        const std::string small = setting.default_value > 0 && setting.default_value < 1e-4
                                      ? fmt::format("1e{:.0f}", std::log10(setting.default_value))
                                      : fmt::format("{}", setting.default_value);
        expect(fmt::format("{}={}", setting.name, small));
      }
      if (slot == Vocabulary::optimizer) expect(fmt::format("`{}` | {} |", row.body, row.learning_rate));
    }
  }
}

}  // namespace
}  // namespace astrolabe
