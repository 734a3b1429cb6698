// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/convolve_class.h"

#include <span>

#include <fmt/format.h>

#include "astrolabe/gemm/schedule_words.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostSize = std::size_t{1} << 20, kMostElements = std::size_t{1} << 28;

// As enumerated by directions().
constexpr std::array<std::string_view, 3> kDirections{"conv", "conv-input", "conv-filters"};
constexpr std::array<Op, 3> kDirectionOps{Op::convolve, Op::convolve_input, Op::convolve_filters};

std::string_view direction_of(Op op) {
  if (op == Op::convolve) return kDirections[0];
  return op == Op::convolve_input ? kDirections[1] : kDirections[2];
}

// Answers and rim of "same".
void fill_same(ConvolveStep& step) {
  const auto rim = [](std::size_t size, std::size_t window, std::size_t by, std::size_t answers) {
    const std::size_t seen = (answers - 1) * by + window;
    return seen > size ? (seen - size) / 2 : 0;
  };
  step.oh = (step.h + step.stride[0] - 1) / step.stride[0];
  step.ow = (step.w + step.stride[1] - 1) / step.stride[1];
  step.before = {rim(step.h, step.kh, step.stride[0], step.oh),
                 rim(step.w, step.kw, step.stride[1], step.ow)};
}

// "64x28x28x16": as many numbers as there are places, 0 where it may be.
bool read_sizes(std::string_view text, std::span<std::size_t* const> places, bool may_be_zero = false) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const bool is_last = i + 1 == places.size();
    const std::size_t x = text.find('x');
    if (is_last != (x == std::string_view::npos)) return false;
    const std::string_view number = text.substr(0, x);
    if (may_be_zero && number == "0")
      *places[i] = 0;
    else if (!read_number(number, *places[i]) || *places[i] > kMostSize)
      return false;
    if (!is_last) text.remove_prefix(x + 1);
  }
  return true;
}

// Each factor is at most 2^20, so that a product that grows past the limit is seen before it overflows.
bool fits(std::initializer_list<std::size_t> factors) {
  std::size_t product = 1;
  for (const std::size_t factor : factors) {
    product *= factor;
    if (product > kMostElements) return false;
  }
  return true;
}

bool is_sound(const ConvolveStep& step) {
  // The last window begins inside the picture, the first one ends there.
  const auto sees = [](std::size_t size, std::size_t window, std::size_t by, std::size_t answers,
                       std::size_t before) { return before < window && (answers - 1) * by < size + before; };
  return sees(step.h, step.kh, step.stride[0], step.oh, step.before[0]) &&
         sees(step.w, step.kw, step.stride[1], step.ow, step.before[1]) &&
         fits({step.n, step.h, step.w, step.c}) && fits({step.kh, step.kw, step.c, step.f}) &&
         fits({step.n, step.oh, step.ow, step.f});
}

}  // namespace

std::string convolve_class(const ConvolveStep& step) {
  std::string text = fmt::format("{} {}x{}x{}x{} {}x{}x{}", direction_of(step.op), step.n, step.h, step.w,
                                 step.c, step.kh, step.kw, step.f);
  ConvolveStep same = step;
  same.stride = {1, 1};
  fill_same(same);
  if (step.stride == same.stride && step.before == same.before && step.oh == same.oh && step.ow == same.ow)
    return text;
  return fmt::format("{} {}x{} steps={}x{} before={}x{}", text, step.oh, step.ow, step.stride[0],
                     step.stride[1], step.before[0], step.before[1]);
}

std::optional<ConvolveStep> parse_convolve_class(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& word : split(std::string(text), ' '))
    if (!word.empty()) words.push_back(std::move(word));
  ConvolveStep step;
  std::size_t direction = 0;
  while (direction < kDirections.size() && !words.empty() && kDirections[direction] != words[0]) ++direction;
  if (words.size() < 3 || direction == kDirections.size()) return std::nullopt;
  step.op = kDirectionOps[direction];
  std::size_t* const pictures[] = {&step.n, &step.h, &step.w, &step.c};
  std::size_t* const filters[] = {&step.kh, &step.kw, &step.f};
  if (!read_sizes(words[1], pictures) || !read_sizes(words[2], filters)) return std::nullopt;
  std::optional<std::string> answers, before;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string_view word = words[i];
    std::size_t* const steps[] = {&step.stride[0], &step.stride[1]};
    if (word.starts_with("steps=")) {
      if (!read_sizes(word.substr(6), steps)) return std::nullopt;
    } else if (word.starts_with("before=") && !before) {
      before = word.substr(7);
    } else if (i == 3) {
      answers = word;
    } else {
      return std::nullopt;
    }
  }
  fill_same(step);
  std::size_t* const of_answers[] = {&step.oh, &step.ow};
  std::size_t* const of_rim[] = {&step.before[0], &step.before[1]};
  if (answers && !read_sizes(*answers, of_answers)) return std::nullopt;
  if (before && !read_sizes(*before, of_rim, true)) return std::nullopt;
  return is_sound(step) ? std::optional(step) : std::nullopt;
}

ConvolveSizes convolve_sizes(const ConvolveStep& step) {
  return {.pictures = step.n * step.h * step.w * step.c,
          .filters = step.kh * step.kw * step.c * step.f,
          .answers = step.n * step.oh * step.ow * step.f};
}

}  // namespace astrolabe
