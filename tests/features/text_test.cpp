// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/features/text_ngrams.h"

namespace astrolabe::testing {
namespace {

std::vector<std::string> split(std::string_view text) {
  Words words;
  words.split(text);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < words.size(); ++i) all.emplace_back(words[i]);
  return all;
}

TEST(Words, are_runs_of_letters_and_digits_in_lower_case) {
  EXPECT_EQ(split("  Great VALUE, v2.0!"), (std::vector<std::string>{"great", "value", "v2", "0"}));
  EXPECT_EQ(split(""), std::vector<std::string>{});
  EXPECT_EQ(split(" .,;"), std::vector<std::string>{});
}

TEST(Words, are_lowered_beyond_ascii) {
  EXPECT_EQ(split("ÜBER Москва ΑΘΗΝΑ ЁЖ"), (std::vector<std::string>{"über", "москва", "αθηνα", "ёж"}));
}

TEST(Words, are_parted_by_unicode_punctuation_and_spaces) {
  EXPECT_EQ(split("good\u2014bad\u00a0\u201cugly\u201d"), (std::vector<std::string>{"good", "bad", "ugly"}));
}

TEST(Words, are_single_characters_in_chinese_and_japanese) {
  EXPECT_EQ(split("很好ok"), (std::vector<std::string>{"很", "好", "ok"}));
}

TEST(Words, of_invalid_utf8_do_not_throw) {
  EXPECT_EQ(split("a\xff"
                  "b \xc3")
                .size(),
            2U);
  EXPECT_EQ(split("\xe2\x82").size(), 1U);
}

TEST(Words, characters_are_code_points) {
  EXPECT_EQ(count_characters("über"), 4U);
  EXPECT_EQ(count_characters(""), 0U);
}

TEST(Text, is_tf_idf_of_words_and_pairs_held_by_two_texts) {
  const Table table = table_of(texts("t", {"good good tea", "good tea", "bad", "bad"}));
  const FeatureMatrix train = fit_all(table, kTreesNeeds).train;
  std::vector<std::string> names = names_of(train);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names,
            (std::vector<std::string>{"t.length", "t.words", "t~bad", "t~good", "t~good tea", "t~tea"}));
  // "good" is in two of four texts: idf = ln(5 / 3) + 1; the first text holds it twice: 1 + ln 2.
  const double idf = std::log(5.0 / 3) + 1;
  const std::vector<float> good = values_of(train, "t~good");
  EXPECT_FLOAT_EQ(good[0], static_cast<float>((1 + std::log(2.0)) * idf));
  EXPECT_FLOAT_EQ(good[1], static_cast<float>(idf));
  EXPECT_EQ(good[2], 0.0F);
  EXPECT_EQ(values_of(train, "t.length"), (std::vector<float>{13, 8, 3, 3}));
  EXPECT_EQ(values_of(train, "t.words"), (std::vector<float>{3, 2, 1, 1}));
}

TEST(Text, rows_have_unit_length_for_learners_that_want_standardised) {
  const Table table = table_of(texts("t", {"good tea", "good tea here", "bad", "bad here"}));
  const FeatureMatrix train = fit_all(table, kLinearNeeds).train;
  std::vector<double> squares(4, 0.0);
  for (std::size_t i = 0; i < train.features(); ++i) {
    if ((*train.info)[i].name.find('~') == std::string::npos) continue;
    EXPECT_TRUE(train.columns[i].is_sparse);
    const std::vector<float> values = values_of(train.columns[i], 4);
    for (std::size_t row = 0; row < 4; ++row) squares[row] += static_cast<double>(values[row]) * values[row];
  }
  for (const double square : squares) EXPECT_NEAR(square, 1, 1e-6);
}

TEST(Text, unknown_words_are_nothing_and_missing_has_no_words) {
  const FittedEncoding fitted = fit_all(table_of(texts("t", {"a b", "a b c", "a", "c"})), kTreesNeeds);
  const FeatureMatrix encoded = encode_all(*fitted.encoder, table_of(texts("t", {"zebra", "", "a"})));
  EXPECT_EQ(values_of(encoded, "t~a")[0], 0.0F);
  EXPECT_EQ(values_of(encoded, "t~a")[1], 0.0F);
  EXPECT_GT(values_of(encoded, "t~a")[2], 0.0F);
  EXPECT_TRUE(std::isnan(values_of(encoded, "t.length")[1]));
}

TEST(Text, vocabulary_grows_with_the_rows_up_to_a_limit) {
  EXPECT_EQ(vocabulary_limit(10, kLinearNeeds), 1024U);
  EXPECT_EQ(vocabulary_limit(4000, kLinearNeeds), 16'384U);
  EXPECT_EQ(vocabulary_limit(1'000'000, kLinearNeeds), 32'768U);
  EXPECT_EQ(vocabulary_limit(0, kTreesNeeds), 64U);
  EXPECT_EQ(vocabulary_limit(4000, kTreesNeeds), 1024U);
  EXPECT_EQ(vocabulary_limit(100'000, kTreesNeeds), 4096U);
  EXPECT_EQ(vocabulary_limit(4'000'000, kTreesNeeds), 268U);
}

TEST(Text, keeps_the_commonest_words_when_there_are_too_many) {
  std::vector<std::string> cells;
  for (int i = 0; i < 100; ++i) cells.push_back("often word" + std::to_string(i % 50));
  const FeatureMatrix train = fit_all(table_of(texts("t", cells)), kTreesNeeds).train;
  EXPECT_FALSE(values_of(train, "t~often").empty());
  EXPECT_LE(train.features(), 66U);
}

TEST(Text, that_is_an_identifier_gives_no_feature_and_is_not_wanted) {
  const Table table = table_of(numbers("x", {1, 2}), texts("id", {"a1", "b2"}, ColumnType::identifier));
  const FittedEncoding fitted = fit_all(table, kTreesNeeds);
  EXPECT_EQ(names_of(fitted.train), std::vector<std::string>{"x"});
  ASSERT_EQ(fitted.encoder->columns().size(), 1U);
  EXPECT_EQ(fitted.encoder->columns()[0].name, "x");
}

}  // namespace
}  // namespace astrolabe::testing
