// SPDX-License-Identifier: Apache-2.0
// The text of a net's hidden part, both ways.
//
//   const Architecture net = parse_architecture("128-res-128-res");
//   net.blocks.size()         // 4
//   architecture_text(net)    // "128-res-128-res"; "none" for a linear model
//
// A number is a dense layer of that width: act(norm(x W + b)). "res" is a residual block of the width before
// it: x + act(norm(x) W0 + b0) W1 + b1, both matrices square (Gorishniy et al., "Revisiting deep learning
// models for tabular data", NeurIPS 2021). norm is the identity without normalization.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"

namespace astrolabe {

inline constexpr std::size_t kMaxBlocks = 64;
inline constexpr std::size_t kMaxWidth = 8192;

struct Architecture {
  struct Block {
    std::size_t width = 0;  // of what comes out
    bool is_residual = false;

    friend bool operator==(const Block&, const Block&) = default;
  };
  std::vector<Block> blocks;

  friend bool operator==(const Architecture&, const Architecture&) = default;
};

// Blanks around words are fine; "" and "none" have no hidden layer. Throws usage_error that points at the
// character: words that are neither, widths out of [1, kMaxWidth], "res" without a layer before it, more than
// kMaxBlocks blocks.
[[nodiscard]] Architecture parse_architecture(std::string_view text);
[[nodiscard]] std::string architecture_text(const Architecture& architecture);

// What languages that contain this one share. One word of a text, a width or "res"; `at` is where it begins,
// for messages. Throws usage_error.
[[nodiscard]] Architecture::Block parse_dense_block(std::string_view text, std::size_t at,
                                                    std::string_view word,
                                                    const std::vector<Architecture::Block>& before);
// A usage_error that shows the text and points at character `at`.
[[nodiscard]] Error refuse_architecture(std::string_view text, std::size_t at, std::string expected,
                                        std::string_view advice);

}  // namespace astrolabe
