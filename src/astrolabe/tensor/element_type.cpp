// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/element_type.h"

#include <array>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

struct Row {
  std::string_view name;
  std::size_t bytes;
  bool floating;
  bool storage_only;
};

// In the order of ElementType.
constexpr std::array<Row, kElementTypes> kTable{{
    {"bool", 1, false, false},
    {"i32", 4, false, false},
    {"u32", 4, false, false},
    {"i64", 8, false, false},
    {"f32", 4, true, false},
    {"f64", 8, true, false},
    {"bf16", 2, true, true},
    {"f16", 2, true, true},
}};

const Row& row_of(ElementType type) {
  const auto number = static_cast<std::size_t>(type);
  ASTROLABE_CHECK(number < kTable.size(), "an element type outside the table");
  return kTable[number];
}

}  // namespace

std::size_t element_bytes(ElementType type) {
  return row_of(type).bytes;
}
std::string_view element_name(ElementType type) {
  return row_of(type).name;
}
bool is_floating(ElementType type) {
  return row_of(type).floating;
}
bool is_storage_only(ElementType type) {
  return row_of(type).storage_only;
}

std::optional<ElementType> parse_element_type(std::string_view name) {
  for (std::size_t number = 0; number < kTable.size(); ++number) {
    if (kTable[number].name == name) return static_cast<ElementType>(number);
  }
  return std::nullopt;
}

}  // namespace astrolabe
