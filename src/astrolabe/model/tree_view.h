// SPDX-License-Identifier: Apache-2.0
// Trees as people look at them: what a model made of trees can show.
//
//   if (const auto* trees = dynamic_cast<const TreesToView*>(&model)) draw(trees->view_tree(0));
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace astrolabe {

struct TreeView {
  // A child >= 0 is a node after this one; ~leaf otherwise.
  struct Node {
    std::uint32_t feature = 0;  // of the features that the model was trained on
    bool is_categorical = false;
    float threshold = 0;  // numeric: values up to here go left; infinite: all that are not missing
    // Categorical: bit `code` of these words; codes beyond go where missing cells do.
    std::vector<std::uint32_t> set = {};
    bool missing_left = false;
    std::int32_t left = 0, right = 0;
  };
  // What a leaf adds beside: slope (cell, kept within low and high, less centre); nothing for a missing cell.
  struct Slope {
    std::uint32_t feature = 0;
    double centre = 0, slope = 0, low = 0, high = 0;
  };
  std::vector<Node> nodes;                 // the root first; empty: one leaf
  std::vector<double> leaves;              // what they add to the score
  std::vector<std::vector<Slope>> slopes;  // per leaf; empty: none has any
  std::vector<double> covers;              // per leaf: weight of the rows it was grown on; empty: not known
  std::size_t output = 0;                  // whose score
  bool is_share = false;                   // of a class: leaves add to its probability itself
};

class TreesToView {
 public:
  virtual ~TreesToView() = default;
  [[nodiscard]] virtual std::size_t trees() const = 0;
  [[nodiscard]] virtual TreeView view_tree(std::size_t index) const = 0;  // index < trees()
};

}  // namespace astrolabe
