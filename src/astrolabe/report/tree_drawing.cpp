// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/tree_drawing.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/svg_plot.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostLeaves = 512;
constexpr std::size_t kMostLevels = 64;
constexpr std::size_t kShownCharacters = 34;  // of a question; the whole is its title element
constexpr double kLeafHeight = 24;
constexpr double kMargin = 24, kTop = 64;
constexpr double kCharacter = 6.8;  // an average one, of 12 pixels
constexpr double kBranch = 64;      // between two levels
constexpr double kBar = 60;         // the longest of a leaf

constexpr std::string_view kStyle =
    "<style>svg{background:#fcfcfa}text{font:12px system-ui,-apple-system,'Segoe "
    "UI',Roboto,sans-serif;fill:#1d2430}"
    ".h{font-size:15px;font-weight:600}.s{fill:#667085}.e{fill:none;stroke:#667085;stroke-linecap:round;"
    "opacity:.35}"
    ".l{stroke:#667085;opacity:.4;stroke-dasharray:1 "
    "3}.y{stroke:#2563a8;opacity:.5}.up{fill:#2563a8}.down{fill:#b4577a}.z{stroke:#e4e6ea}"
    "@media "
    "(prefers-color-scheme:dark){svg{background:#14171c}text{fill:#e6e8ec}.s{fill:#98a2b3}.e,.l{stroke:#"
    "98a2b3}"
    ".y{stroke:#6ea8e6}.up{fill:#6ea8e6}.down{fill:#e08aa9}.z{stroke:#2c323c}}</style>";

[[noreturn]] void refuse(std::string found) {
  throw usage_error({.attempted = "drawing a tree",
                     .expected = "at most 512 leaves and 64 levels",
                     .found = std::move(found),
                     .remedy = "Show it as text, without --svg."});
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::size_t leaf_of(std::int32_t child) {
  const std::int32_t leaf = ~child;
  return static_cast<std::size_t>(leaf);
}

// Where everything stands, then the picture.
class Drawing {
 public:
  Drawing(const ShownTree& tree, std::string_view title)
      : tree_(tree), title_(title), covers_(covers_of_nodes(tree.view)), nodes_(tree.view.nodes.size()) {
    if (tree.view.leaves.size() > kMostLeaves) refuse(format_count(tree.view.leaves.size()) + " leaves");
    for (const double leaf : tree.view.leaves) largest_ = std::max(largest_, std::abs(leaf));
    root_y_ = place(root(), 0);
    double x = kMargin;
    for (const double width : level_widths_) {
      level_x_.push_back(x);
      x += width + kBranch;
    }
    leaf_x_ = x;
  }

  std::string svg() {
    const double width = leaf_x_ + 2 * kBar + 150 + kMargin;
    const double height = kTop + static_cast<double>(leaves_placed_) * kLeafHeight + kMargin;
    std::string page = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" "
        "role=\"img\" aria-label=\"{2}\">{3}",
        width, height, escape_html(title_), kStyle);
    page += text_at(kMargin, 30, "start", escape_html(title_), "h");
    page += text_at(kMargin, 50, "start", "yes: upper branch, blue · thickness: share of rows", "s");
    if (!tree_.view.covers.empty()) page += text_at(leaf_x_ + 2 * kBar + 62, 50, "start", "rows", "s");
    page += line_at(leaf_x_ + kBar, kTop, leaf_x_ + kBar, height - kMargin, "z");
    draw(root(), root_y_, 0);
    return page + branches_ + labels_ + "</svg>";
  }

 private:
  struct Placed {
    double y = 0;
    std::size_t level = 0;
    std::string label;  // escaped
    double end = 0;     // of the label, from its begin
  };

  std::int32_t root() const { return tree_.view.nodes.empty() ? ~0 : 0; }

  // Leaves get a line each from above, a node stands between its children. Returns the child's height.
  double place(std::int32_t child, std::size_t level) {
    if (child < 0) return kTop + (0.5 + static_cast<double>(leaves_placed_++)) * kLeafHeight;
    if (level >= kMostLevels) refuse("more levels");
    const auto at = static_cast<std::size_t>(child);
    const TreeView::Node& node = tree_.view.nodes[at];
    const std::string text = question(tree_, at);
    Placed& placed = nodes_[at];
    placed.level = level;
    placed.label = "<title>" + escape_html(text) + "</title>" + escape_html(cut_text(text, kShownCharacters));
    placed.end = kCharacter * static_cast<double>(std::min(characters(text), kShownCharacters + 1)) + 8;
    if (level_widths_.size() <= level) level_widths_.resize(level + 1, 0);
    level_widths_[level] = std::max(level_widths_[level], placed.end);
    const double upper = place(node.left, level + 1);
    const double lower = place(node.right, level + 1);
    nodes_[at].y = (upper + lower) / 2;
    return nodes_[at].y;
  }

  void draw(std::int32_t child, double y, std::size_t level) {
    if (child < 0) {
      draw_leaf(leaf_of(child), y);
      return;
    }
    const Placed& placed = nodes_[static_cast<std::size_t>(child)];
    const TreeView::Node& node = tree_.view.nodes[static_cast<std::size_t>(child)];
    labels_ += text_at(level_x_[level], y + 4, "start", placed.label, "t");
    for (const std::int32_t next : {node.left, node.right}) {
      const bool is_leaf = next < 0;
      const double to_y = is_leaf ? leaf_height(next) : nodes_[static_cast<std::size_t>(next)].y;
      const double to_x = is_leaf ? leaf_x_ - 6 : level_x_[level + 1] - 6;
      branch(level_x_[level] + placed.end, y, to_x, to_y, share(next), next == node.left ? "e y" : "e");
      draw(next, to_y, level + 1);
    }
  }

  // Leaves are met in the order in which they were placed.
  double leaf_height(std::int32_t) const {
    return kTop + (0.5 + static_cast<double>(leaves_drawn_)) * kLeafHeight;
  }

  // Bends between the two levels; a thin line leads on to a leaf that stands further right.
  void branch(double x, double y, double to_x, double to_y, double share, std::string_view css) {
    const double bend = std::min(x + kBranch, to_x);
    branches_ += fmt::format(
        "<path d=\"M{0:.1f} {1:.1f}C{2:.1f} {1:.1f} {2:.1f} {3:.1f} {4:.1f} {3:.1f}\" class=\"{5}\" "
        "stroke-width=\"{6:.1f}\"/>",
        x, y, (x + bend) / 2, to_y, bend, css, 1 + 11 * std::sqrt(share));
    if (bend < to_x) branches_ += line_at(bend, to_y, to_x, to_y, "l");
  }

  void draw_leaf(std::size_t leaf, double y) {
    ++leaves_drawn_;
    const double value = tree_.view.leaves[leaf];
    const double length = largest_ > 0 ? kBar * std::abs(value) / largest_ : 0;
    labels_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\" class=\"{}\"/>",
                           value < 0 ? leaf_x_ + kBar - length : leaf_x_ + kBar, y - 5, length,
                           value < 0 ? "down" : "up");
    const bool has_slopes = !tree_.view.slopes.empty() && !tree_.view.slopes[leaf].empty();
    if (has_slopes) labels_ += "<g><title>" + escape_html(leaf_text(tree_, leaf)) + "</title>";
    labels_ += text_at(leaf_x_ + 2 * kBar + 8, y + 4, "start", leaf_text(value), "t");
    if (has_slopes) labels_ += "</g>";
    if (!tree_.view.covers.empty()) {
      const double cover = tree_.view.covers[leaf];
      labels_ +=
          text_at(leaf_x_ + 2 * kBar + 62, y + 4, "start",
                  cover == std::floor(cover) && cover < 1e15 ? format_count(static_cast<std::uint64_t>(cover))
                                                             : fmt::format("{:.4g}", cover),
                  "s");
    }
  }

  // Of all rows; without covers every branch is as thin as the next.
  double share(std::int32_t child) const {
    if (covers_.empty()) return 0.02;
    const double cover =
        child >= 0 ? covers_[static_cast<std::size_t>(child)] : tree_.view.covers[leaf_of(child)];
    return cover / covers_[0];
  }

  const ShownTree& tree_;
  std::string_view title_;
  std::vector<double> covers_;
  std::vector<Placed> nodes_;
  std::vector<double> level_widths_, level_x_;
  double leaf_x_ = 0, largest_ = 0, root_y_ = 0;
  std::size_t leaves_placed_ = 0, leaves_drawn_ = 0;
  std::string branches_, labels_;
};

}  // namespace

std::string tree_drawing(const ShownTree& tree, std::string_view title) {
  return Drawing(tree, title).svg();
}

}  // namespace astrolabe
