// SPDX-License-Identifier: Apache-2.0
// An encoder that has read no row: numbers on scales that were declared or paid for, categories by a hash.
//
//   const std::vector<std::string> numbers = number_columns(table);
//   const auto encoder = private_encoder(table, scales, {.buckets = 64, .form = CategoryForm::codes});
//
// Dates, texts and identifiers are left out: what could be made of them would have to be looked up in rows.
// The first column of pictures is read where the learner takes pictures as such; they come as their bytes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/features/bounded_number.h"
#include "astrolabe/features/encoder.h"
#include "astrolabe/features/hashed_category.h"

namespace astrolabe {

struct CategoryHashing {
  std::uint32_t buckets = 64;
  CategoryForm form = CategoryForm::codes;
  bool takes_pictures = false;
};

// The number columns of a table, in its order.
[[nodiscard]] std::vector<const Column*> number_columns(const Table& table);
// Names of the columns that a private encoder leaves out.
[[nodiscard]] std::vector<std::string> left_out_columns(const Table& table, bool takes_pictures = false);

// scales: one for each of number_columns, in their order. Of the table only names and types matter.
[[nodiscard]] std::shared_ptr<const Encoder> private_encoder(const Table& table,
                                                             std::span<const NumberScale> scales,
                                                             const CategoryHashing& hashing);

}  // namespace astrolabe
