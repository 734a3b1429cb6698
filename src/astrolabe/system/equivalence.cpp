// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/equivalence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/probes.h"

namespace astrolabe {
namespace {

constexpr std::size_t kBlock = 256;             // formulas that share a graph
constexpr std::uint64_t kDropped = 1ULL << 24;  // 28 of the 52 bits of a fraction stay
constexpr std::uint64_t kNoNumber = 0x7FF8ULL << 48;

// A number as it counts: rounded, all NaN alike, beyond f32 infinite, below it 0.
std::uint64_t rounded_bits(double value) {
  if (std::isnan(value)) return kNoNumber;
  if (!is_trainable_number(value)) return value > 0 ? kNoNumber + 1 : kNoNumber + 2;
  if (std::abs(value) < 1e-38) return 0;
  return (std::bit_cast<std::uint64_t>(value) + kDropped / 2) & ~(kDropped - 1);
}

double first_size(std::span<const std::vector<double>> values) {
  for (const std::vector<double>& value : values)
    for (const double element : value)
      if (element != 0 && is_trainable_number(element)) return std::abs(element);
  return 1;
}

std::uint64_t hash_of(std::span<const std::vector<double>> values, double scale) {
  std::vector<std::uint64_t> bits;
  for (const std::vector<double>& value : values) {
    for (const double element : value) bits.push_back(rounded_bits(element / scale));
  }
  return hash_bytes(bits.data(), bits.size() * sizeof(std::uint64_t));
}

// One formula on its way.
struct Formula {
  Expression expression;
  bool is_part = false;  // of the table: known to be good
  ProbedFormula placed;
};

// Formulas of spaces name no parts, and the plain parser is faster than the one that knows them and checks.
Formula read_formula(Vocabulary slot, const std::string& text) {
  try {
    return {parse_expression(slot, text), false, {}};
  } catch (const Error&) {
    ResolvedPart part = resolve_part(slot, text);
    return {std::move(part.expression), part.row != nullptr, {}};
  }
}

void probe_block(Vocabulary slot, std::span<const std::string> texts, std::span<FunctionKey> keys) {
  const std::unique_ptr<Probes> probes = make_probes(slot);
  std::vector<std::optional<Formula>> formulas(texts.size());
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    try {
      formulas[i] = read_formula(slot, texts[i]);
      formulas[i]->placed = probes->place(formulas[i]->expression);
      for (const auto& variant : formulas[i]->placed.variants)
        nodes.insert(nodes.end(), variant.begin(), variant.end());
    } catch (const Error& error) {
      formulas[i].reset();
      keys[i] = {.key = texts[i], .scale = 1, .fault = error.what()};
    }
  }
  const std::vector<std::vector<double>> all = probes->values(nodes);
  std::size_t next = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!formulas[i]) continue;
    std::uint64_t least = ~0ULL;
    for (std::size_t v = 0; v < formulas[i]->placed.variants.size(); ++v) {
      const std::span values = std::span(all).subspan(next, formulas[i]->placed.variants[v].size());
      next += values.size();
      if (v == 0 && slot == Vocabulary::optimizer) keys[i].scale = first_size(values);
      if (v == 0 && !formulas[i]->is_part) keys[i].fault = probes->fault(formulas[i]->expression, values);
      least = std::min(least, hash_of(values, keys[i].scale));
    }
    keys[i].key = hash_to_hex(least);
  }
}

}  // namespace

std::vector<FunctionKey> function_keys(Vocabulary slot, std::span<const std::string> texts) {
  std::vector<FunctionKey> keys(texts.size());
  for (std::size_t begin = 0; begin < texts.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, texts.size() - begin);
    probe_block(slot, texts.subspan(begin, count), std::span(keys).subspan(begin, count));
  }
  return keys;
}

FunctionKey function_key(Vocabulary slot, std::string_view text) {
  const std::string one(text);
  return function_keys(slot, {&one, 1})[0];
}

}  // namespace astrolabe
