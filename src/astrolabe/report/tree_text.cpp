// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/tree_text.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownCategories = 4;
constexpr std::size_t kShownCharacters = 24;  // of a category
constexpr std::size_t kShownLevels = 64;

bool has(const TreeView::Node& node, std::size_t code) {
  if (code / 32 >= node.set.size()) return node.missing_left;
  return (node.set[code / 32] >> (code % 32) & 1U) != 0;
}

// "Rome, Oslo or 3 more"
std::string listed(const std::vector<std::string>& names) {
  const std::size_t shown = names.size() <= kShownCategories ? names.size() : kShownCategories - 1;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += cut_text(names[i], kShownCharacters);
  }
  if (shown < names.size()) text += fmt::format(" or {} more", format_count(names.size() - shown));
  return text;
}

std::string set_question(const std::string& feature, const TreeView::Node& node,
                         const std::vector<std::string>& names) {
  std::vector<std::string> left, right;
  for (std::size_t code = 0; code < names.size(); ++code)
    (has(node, code) ? left : right).push_back(names[code]);
  if (names.empty()) return feature + " is in a set of categories";
  if (right.empty()) return feature + " is known";
  if (left.empty()) return feature + " is of no known category";
  if (left.size() <= right.size()) return feature + " is " + listed(left);
  return feature + " is not " + listed(right);
}

// Columns of a terminal that a text takes, as far as counting characters tells.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

struct Line {
  std::string text;
  std::optional<double> cover;
};

class Lister {
 public:
  explicit Lister(const ShownTree& tree) : tree_(tree), covers_(covers_of_nodes(tree.view)) {}

  std::string list() {
    visit(tree_.view.nodes.empty() ? ~0 : 0, "", "", 0);
    std::size_t width = 0;
    for (const Line& line : lines_) width = std::max(width, width_of(line.text));
    std::string text;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      text += lines_[i].text;
      if (lines_[i].cover) {
        text += std::string(width + 2 - width_of(lines_[i].text), ' ');
        text += fmt::format("{:>9}", cover_text(*lines_[i].cover));
        if (i == 0) text += " rows";
      }
      text += '\n';
    }
    return text;
  }

 private:
  // Weights need not be whole.
  static std::string cover_text(double cover) {
    if (cover == std::floor(cover) && cover < 1e15) return format_count(static_cast<std::uint64_t>(cover));
    return fmt::format("{:.4g}", cover);
  }

  std::optional<double> cover(std::int32_t child) const {
    if (covers_.empty() && !tree_.view.nodes.empty()) return std::nullopt;
    if (child >= 0) return covers_[static_cast<std::size_t>(child)];
    const std::int32_t leaf = ~child;
    if (tree_.view.covers.empty()) return std::nullopt;
    return tree_.view.covers[static_cast<std::size_t>(leaf)];
  }

  void visit(std::int32_t child, const std::string& before, const std::string& inside, std::size_t level) {
    if (child < 0) {
      const std::int32_t leaf = ~child;
      lines_.push_back({before + leaf_text(tree_, static_cast<std::size_t>(leaf)), cover(child)});
      return;
    }
    const auto at = static_cast<std::size_t>(child);
    if (level == kShownLevels) {
      lines_.push_back({before + "… (deeper than is shown)", cover(child)});
      return;
    }
    lines_.push_back({before + question(tree_, at), cover(child)});
    visit(tree_.view.nodes[at].left, inside + "├─ yes  ", inside + "│  ", level + 1);
    visit(tree_.view.nodes[at].right, inside + "└─ no   ", inside + "   ", level + 1);
  }

  const ShownTree& tree_;
  std::vector<double> covers_;
  std::vector<Line> lines_;
};

}  // namespace

std::string question(const ShownTree& tree, std::size_t at) {
  const TreeView::Node& node = tree.view.nodes[at];
  const std::string& feature = tree.features[node.feature];
  std::string text;
  if (node.is_categorical) {
    text = set_question(feature, node, tree.codes[node.feature]);
  } else if (std::isinf(node.threshold)) {
    text = feature + " is known";
  } else {
    text = fmt::format("{} <= {}", feature, node.threshold);
  }
  return node.missing_left ? text + " or missing" : text;
}

std::string cut_text(const std::string& text, std::size_t most) {
  std::size_t bytes = 0, characters = 0;
  while (bytes < text.size() && characters < most) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80) ++bytes;
    ++characters;
  }
  return bytes == text.size() ? text : text.substr(0, bytes) + "…";
}

std::string leaf_text(double value) {
  return fmt::format("{:+.4g}", value);
}

std::string leaf_text(const ShownTree& tree, std::size_t leaf) {
  std::string text = leaf_text(tree.view.leaves[leaf]);
  if (tree.view.slopes.empty()) return text;
  for (const TreeView::Slope& slope : tree.view.slopes[leaf])
    text += fmt::format(" {:+.4g} ({} {:+.4g})", slope.slope, tree.features[slope.feature], -slope.centre);
  return text;
}

std::vector<double> covers_of_nodes(const TreeView& view) {
  if (view.covers.empty()) return {};
  std::vector<double> covers(view.nodes.size());
  const auto of = [&](std::int32_t child) {
    if (child >= 0) return covers[static_cast<std::size_t>(child)];
    const std::int32_t leaf = ~child;
    return view.covers[static_cast<std::size_t>(leaf)];
  };
  for (std::size_t at = view.nodes.size(); at-- > 0;)
    covers[at] = of(view.nodes[at].left) + of(view.nodes[at].right);
  return covers;
}

std::string tree_text(const ShownTree& tree) {
  return Lister(tree).list();
}

}  // namespace astrolabe
