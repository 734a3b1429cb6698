// SPDX-License-Identifier: Apache-2.0
// What does not fit is refused in words that name the operation and the shapes.
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

using enum ElementType;

struct Refused {
  Op op;
  std::vector<TypedShape> inputs;
  std::vector<std::string> said;  // parts of the message
  TypedShape wanted = {};
  Attributes attributes = {};
};

Attributes with(std::int64_t value, std::array<std::int32_t, kMaxRank> first = {},
                std::array<std::int32_t, kMaxRank> second = {}) {
  return {.value = value, .first = first, .second = second};
}

const std::vector<Refused>& refused() {
  static const std::vector<Refused> all = {
      {Op::bits, {{u32, {3}}}, {"bits", "a key u32 [2]", "u32 [3]"}, {u32, {4}}},
      {Op::bits, {{u32, {3, 2}}}, {"u32 [3, 2]", "u32 [4]"}, {u32, {4}}},
      {Op::bits, {{f32, {2}}}, {"f32 [2]"}, {u32, {4}}},
      {Op::bits, {{u32, {2}}}, {"type u32"}, {f32, {4}}},
      {Op::bits, {{u32, {2}}}, {"a stream of 32 bits"}, {u32, {4}}, with(std::int64_t{1} << 32)},
      {Op::cast, {{f64, {2}}}, {"cast", "f64 [2]", "bf16"}, {bf16, {2}}},
      {Op::bitcast, {{f32, {2}}}, {"bitcast", "one width", "f32 [2]", "i64"}, {i64, {2}}},
      {Op::negate, {{boolean, {2}}}, {"negate", "bool [2]"}},
      {Op::math, {{i32, {2}}}, {"math", "f32 or f64", "i32 [2]"}},
      {Op::math, {{f32, {2}}}, {"a row of the MATH table"}, {}, with(9999)},
      {Op::add,
       {{f32, {2, 3}}, {f32, {3}}},
       {"building add", "equal shapes, or rank 0", "f32 [2, 3] and f32 [3]"}},
      {Op::add, {{f32, {2}}, {f64, {2}}}, {"one type", "f32 [2] and f64 [2]"}},
      {Op::subtract, {{f32, {2}}, {f32, {1}}}, {"subtract", "f32 [2] and f32 [1]"}},
      {Op::multiply, {{bf16, {2}}, {bf16, {2}}}, {"multiply", "not bool, bf16 or f16"}},
      {Op::divide, {{i32, {2}}, {i32, {2}}}, {"divide", "f32 or f64"}},
      {Op::minimum, {{f32, {2}}, {f32, {4}}}, {"minimum"}},
      {Op::maximum, {{f32, {2}}, {f32, {4}}}, {"maximum"}},
      {Op::less, {{boolean, {2}}, {boolean, {2}}}, {"less", "numbers", "bool [2]"}},
      {Op::equal, {{f32, {2}}, {f32, {4}}}, {"equal", "f32 [2] and f32 [4]"}},
      {Op::logical_and, {{f32, {2}}, {f32, {2}}}, {"and", "bool or whole numbers"}},
      {Op::logical_or, {{u32, {2}}, {i32, {2}}}, {"or", "one type"}},
      {Op::exclusive_or, {{f64, {2}}, {f64, {2}}}, {"xor"}},
      {Op::shift_left, {{boolean, {2}}, {boolean, {2}}}, {"shift_left", "whole numbers"}},
      {Op::shift_right, {{f32, {2}}, {f32, {2}}}, {"shift_right", "whole numbers"}},
      {Op::select, {{f32, {2}}, {f32, {2}}, {f32, {2}}}, {"select", "a condition of type bool"}},
      {Op::select, {{boolean, {2}}, {f32, {2}}, {f32, {3}}}, {"bool [2], f32 [2] and f32 [3]"}},
      {Op::select, {{boolean, {2}}, {f32, {2}}, {i32, {2}}}, {"one type"}},
      {Op::fused_multiply_add, {{i32, {}}, {i32, {}}, {i32, {}}}, {"fma", "f32 or f64"}},
      {Op::reshape, {{f32, {2, 3}}}, {"reshape", "as many elements", "f32 [2, 3]", "[4]"}, {f32, {4}}},
      {Op::permute, {{f32, {2, 3}}}, {"permute", "every axis once"}, {}, with(0, {1, 1})},
      {Op::permute, {{f32, {2, 3}}}, {"every axis once"}, {}, with(0, {0, 2})},
      {Op::expand, {{f32, {2, 3}}}, {"expand", "f32 [2, 3]", "[4, 3]"}, {f32, {4, 3}}},
      {Op::expand, {{f32, {3}}}, {"the same rank"}, {f32, {2, 3}}},
      {Op::pad, {{f32, {3}}}, {"pad", "0 or more"}, {}, with(0, {-1})},
      {Op::slice, {{f32, {3}}}, {"slice", "inside its input", "f32 [3]"}, {f32, {2}}, with(0, {2}, {1})},
      {Op::slice, {{f32, {3}}}, {"steps of 1 or more"}, {f32, {2}}, with(0, {0}, {0})},
      {Op::slice, {{f32, {5}}}, {"inside its input"}, {f32, {3}}, with(0, {1}, {2})},
      {Op::concat, {{f32, {2, 3}}, {f32, {3, 3}}}, {"concat", "f32 [2, 3] and f32 [3, 3]"}, {}, with(1)},
      {Op::concat, {{f32, {2}}, {f32, {2}}}, {"an axis that the parts have"}, {}, with(1)},
      {Op::reduce, {{boolean, {2}}}, {"reduce", "numbers", "bool [2]"}, {}, with(0, {1})},
      {Op::reduce, {{f32, {2}}}, {"a sum, a maximum or a minimum"}, {}, with(3, {1})},
      {Op::reduce, {{f32, {2}}}, {"axes that are there"}, {}, with(0, {0, 1})},
      {Op::dot, {{f32, {2, 3}}, {f32, {2, 3}}}, {"dot", "equal inner sizes", "f32 [2, 3] and f32 [2, 3]"}},
      {Op::dot, {{f32, {2, 3}}, {f32, {3, 4}}}, {"the second one's axes swapped"}, {}, with(0, {0, 1})},
      {Op::dot, {{f32, {5, 2, 3}}, {f32, {6, 3, 4}}}, {"equal axes in front"}},
      {Op::dot, {{f32, {3}}, {f32, {3}}}, {"[.., m, k] by [.., k, n]"}},
      {Op::dot, {{i32, {2, 3}}, {i32, {3, 2}}}, {"two matrices of f32"}},
      {Op::take, {{f32, {2, 3}}, {f32, {2}}}, {"take", "an index i32 [n]", "f32 [2, 3] and f32 [2]"}},
      {Op::take, {{f32, {0, 3}}, {i32, {2}}}, {"one row or more"}},
      {Op::add_at, {{f32, {2, 3}}, {i32, {3}}}, {"add_at", "f32 [2, 3] and i32 [3]"}, {}, with(4)},
      {Op::add_at, {{f32, {2, 3}}, {i32, {2}}}, {"a table of one row or more"}, {}, with(0)},
      {Op::add_at, {{boolean, {2}}, {i32, {2}}}, {"rows of numbers"}, {}, with(4)},
  };
  return all;
}

const std::vector<Refused>& refused_windows() {
  static const std::vector<Refused> all = {
      {Op::convolve,
       {{f32, {1, 4, 4, 2}}, {f32, {3, 3, 3, 8}}},
       {"convolve", "[.., n, h, w, c]", "f32 [1, 4, 4, 2] and f32 [3, 3, 3, 8]"},
       {},
       with(0, {1, 1})},
      {Op::convolve, {{i32, {1, 4, 4, 2}}, {i32, {3, 3, 2, 8}}}, {"two inputs of f32"}, {}, with(0, {1, 1})},
      {Op::convolve, {{f32, {4, 4, 2}}, {f32, {3, 3, 2}}}, {"[.., kh, kw, c, f]"}, {}, with(0, {1, 1})},
      {Op::convolve,
       {{f32, {2, 1, 4, 4, 2}}, {f32, {3, 3, 3, 2, 8}}},
       {"equal axes in front"},
       {},
       with(0, {1, 1})},
      {Op::convolve,
       {{f32, {1, 2, 2, 1}}, {f32, {3, 3, 1, 1}}},
       {"filters that fit into the pictures"},
       {},
       with(0, {1, 1}, {0, 1, 0, 1})},
      {Op::convolve, {{f32, {1, 3, 3, 1}}, {f32, {3, 3, 1, 1}}}, {"steps of 1 or more"}},
      {Op::convolve,
       {{f32, {1, 3, 3, 1}}, {f32, {3, 3, 1, 1}}},
       {"0 or more zeros around"},
       {},
       with(0, {1, 1}, {-1})},
      {Op::convolve,
       {{f32, {1, 3, 3, 1}}, {f32, {3, 0, 1, 1}}},
       {"one element or more"},
       {},
       with(0, {1, 1})},
      {Op::convolve_input,
       {{f32, {1, 2, 2, 1}}, {f32, {2, 2, 1, 1}}},
       {"convolve_input", "answers [1, 3, 3, 1]", "f32 [1, 2, 2, 1]"},
       {f32, {1, 4, 4, 1}},
       with(0, {1, 1})},
      {Op::convolve_filters,
       {{f32, {1, 4, 4, 1}}, {f32, {2, 2, 2, 1}}},
       {"convolve_filters", "answers [1, 2, 2, 1]"},
       {f32, {2, 2, 1, 1}},
       with(0, {2, 2})},
  };
  return all;
}

std::vector<Refused> all_refused() {
  std::vector<Refused> all = refused();
  all.insert(all.end(), refused_windows().begin(), refused_windows().end());
  return all;
}

// So that tests are listed by name.
void PrintTo(const Refused& one, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << op_rule(one.op).name << ": " << one.said.front();
}

class RefusedOp : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedOp, is_told_what_was_expected_and_what_was_found) {
  const Refused& refusal = GetParam();
  Graph graph;
  NodeDraft draft{.op = refusal.op, .inputs = {}, .attributes = refusal.attributes, .wanted = refusal.wanted};
  for (std::size_t i = 0; i < refusal.inputs.size(); ++i)
    draft.inputs.push_back(
        graph.input("x" + std::to_string(i), refusal.inputs[i].type, refusal.inputs[i].shape));
  const std::size_t size = graph.size();
  try {
    graph.append(draft);
    FAIL() << "it was built";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    for (const std::string& part : refusal.said)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << error.what() << "\nlacks " << part;
  }
  EXPECT_EQ(graph.size(), size) << "what is refused leaves nothing behind";
}

INSTANTIATE_TEST_SUITE_P(All, RefusedOp, ::testing::ValuesIn(all_refused()), [](const auto& test) {
  return std::string(op_rule(test.param.op).name) + "_" + std::to_string(test.index);
});

TEST(OpTable, has_a_refusal_of_every_operation_with_a_rule) {
  for (const OpRule& rule : op_rules()) {
    if (rule.infer == nullptr) continue;
    EXPECT_TRUE(std::ranges::any_of(all_refused(), [&](const Refused& r) { return r.op == rule.op; }))
        << rule.name;
  }
}

}  // namespace
}  // namespace astrolabe
