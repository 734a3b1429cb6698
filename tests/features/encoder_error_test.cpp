// SPDX-License-Identifier: Apache-2.0
#include "tests/features/tables.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

std::string message_of_encoding(const Encoder& encoder, const Table& table) {
  try {
    (void)encode_all(encoder, table);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "no error";
}

Table trained_on() {
  return table_of(numbers("weight", {1, 2, 3, 4}), levels("city", {"a", "b", "a", "b"}));
}

TEST(EncoderError, of_a_missing_column_offers_the_nearest_name) {
  const FittedEncoding fitted = fit_all(trained_on(), kTreesNeeds);
  const std::string message =
      message_of_encoding(*fitted.encoder, table_of(numbers("wieght", {1, 2}), levels("city", {"a", "b"})));
  EXPECT_NE(message.find("'weight'"), std::string::npos) << message;
  EXPECT_NE(message.find("'wieght'"), std::string::npos) << message;
}

TEST(EncoderError, of_a_missing_column_with_no_like_counts_the_others) {
  const FittedEncoding fitted = fit_all(trained_on(), kTreesNeeds);
  const std::string message = message_of_encoding(
      *fitted.encoder, table_of(numbers("weight", {1, 2}), numbers("temperature", {1, 2})));
  EXPECT_NE(message.find("'city'"), std::string::npos) << message;
  EXPECT_NE(message.find("2 other columns"), std::string::npos) << message;
}

TEST(EncoderError, of_a_column_of_another_type_names_both_types) {
  const FittedEncoding fitted = fit_all(trained_on(), kTreesNeeds);
  const std::string message = message_of_encoding(
      *fitted.encoder, table_of(levels("weight", {"heavy", "light"}), levels("city", {"a", "b"})));
  EXPECT_NE(message.find("'weight' of type number"), std::string::npos) << message;
  EXPECT_NE(message.find("type category"), std::string::npos) << message;
  EXPECT_NE(message.find("--types weight=number"), std::string::npos) << message;
}

TEST(EncoderError, of_a_date_where_a_number_was) {
  const FittedEncoding fitted = fit_all(trained_on(), kTreesNeeds);
  const std::string message = message_of_encoding(
      *fitted.encoder, table_of(numbers("weight", {1, 2}, ColumnType::datetime), levels("city", {"a", "b"})));
  EXPECT_NE(message.find("type datetime"), std::string::npos) << message;
}

}  // namespace
}  // namespace astrolabe::testing
