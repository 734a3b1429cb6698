// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/picture_architecture.h"

#include <algorithm>
#include <charconv>

#include <fmt/ranges.h>

#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

using Kind = PictureBlock::Kind;

constexpr std::string_view kAdvice =
    "Write convKxF (/S for a stride), res, resF/S, poolK, avgpoolK, gap and widths of dense layers with "
    "dashes between them, as in conv3x32-conv3x64/2-res-gap-128, or none.";
constexpr std::array<std::string_view, 5> kOperations{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                                      "avg_pool_3x3"};

// Reads one word of a text.
class WordReader {
 public:
  WordReader(std::string_view text, std::size_t at, std::string_view word)
      : text_(text), at_(at), word_(word) {}

  [[nodiscard]] Error refuse(std::string expected) const {
    return refuse_architecture(text_, at_ + position_, std::move(expected), kAdvice);
  }

  [[nodiscard]] bool ends() const { return position_ == word_.size(); }

  bool take(std::string_view piece) {
    if (!word_.substr(position_).starts_with(piece)) return false;
    position_ += piece.size();
    return true;
  }

  std::size_t number(std::string_view what, std::size_t low, std::size_t high) {
    std::size_t value = 0;
    const char* const begin = word_.data() + position_;
    const auto [end, error] = std::from_chars(begin, word_.data() + word_.size(), value);
    if (error != std::errc() || value < low || value > high)
      throw refuse(fmt::format("{} from {} to {}", what, low, format_count(high)));
    position_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  // A size of filters: odd, so that a picture has a middle to put them on.
  std::size_t kernel() {
    const std::size_t begin = position_;
    const std::size_t size = number("a size of filters", 1, kMaxKernel);
    if (size % 2 == 0) {
      position_ = begin;
      throw refuse(fmt::format("an odd size of filters from 1 to {}", kMaxKernel));
    }
    return size;
  }

 private:
  std::string_view text_;
  std::size_t at_;
  std::string_view word_;
  std::size_t position_ = 0;
};

// ":I", where it may stand, then "@I" any number of times.
void parse_sources(WordReader& reader, std::size_t blocks_before, bool may_replace, PictureBlock& block) {
  const bool replaces = may_replace && reader.take(":");
  block.reads_front = !replaces;
  for (bool is_first = replaces; is_first || reader.take("@"); is_first = false) {
    if (blocks_before == 0)
      throw reader.refuse("neither : nor @: before the first block there is only the picture");
    const WordReader mark = reader;
    const std::size_t source = reader.number("a block before the one in front", 0, blocks_before - 1);
    if (!block.also.empty() && source <= block.also.back()) throw mark.refuse("blocks in ascending order");
    block.also.push_back(source);
  }
}

PictureBlock parse_convolution(WordReader& reader, std::size_t blocks_before) {
  PictureBlock block{.kind = Kind::convolution};
  block.height = block.width = reader.kernel();
  if (!reader.take("x")) throw reader.refuse("\"x\" and the number of filters, as in conv3x32");
  // Either the filters, or the width of them and then the filters.
  WordReader ahead = reader;
  (void)ahead.number("the number of filters", 1, kMaxFilters);
  if (ahead.take("x")) {
    block.width = reader.kernel();
    (void)reader.take("x");
  }
  block.filters = reader.number("the number of filters", 1, kMaxFilters);
  if (reader.take("/")) block.stride = reader.number("a stride", 1, kMaxStride);
  parse_sources(reader, blocks_before, true, block);
  return block;
}

// Either "res", as wide as what comes in, or "res32/2".
PictureBlock parse_residual(WordReader& reader) {
  PictureBlock block{.kind = Kind::residual, .height = 3, .width = 3};
  if (reader.ends()) return block;
  block.filters = reader.number("the number of filters", 1, kMaxFilters);
  if (reader.take("/")) block.stride = reader.number("a stride", 1, kMaxStride);
  return block;
}

PictureBlock parse_cell(WordReader& reader) {
  PictureBlock block{.kind = Kind::cell};
  std::size_t edge = 0;
  for (std::size_t to = 1; to < kCellNodes; ++to) {
    if (to > 1 && !reader.take("+")) throw reader.refuse("\"+\" between the nodes of a cell");
    if (!reader.take("|")) throw reader.refuse("\"|\" in front of the edges of a node");
    for (std::size_t from = 0; from < to; ++from) {
      const auto* const named =
          std::ranges::find_if(kOperations, [&](std::string_view name) { return reader.take(name); });
      if (named == kOperations.end())
        throw reader.refuse(fmt::format("an operation: {}", fmt::join(kOperations, ", ")));
      block.edges[edge++] = static_cast<CellOperation>(named - kOperations.begin());
      if (!reader.take(fmt::format("~{}|", from)))
        throw reader.refuse(fmt::format("\"~{}|\": the node that the edge comes from", from));
    }
  }
  return block;
}

bool has_channels(const std::vector<PictureBlock>& blocks) {
  return std::ranges::any_of(blocks, [](const PictureBlock& b) { return b.kind == Kind::convolution; });
}

// How many cells a word stands for: "x5" behind it.
std::size_t parse_count(WordReader& reader) {
  return reader.take("x") ? reader.number("how many cells", 1, kMaxCells) : 1;
}

// The blocks of a word of the convolutional part; none when it is one of the dense part.
std::vector<PictureBlock> parse_picture_blocks(std::string_view text, std::size_t at, std::string_view word,
                                               const std::vector<PictureBlock>& before) {
  WordReader reader(text, at, word);
  PictureBlock block;
  std::size_t count = 1;
  if (reader.take("conv")) {
    block = parse_convolution(reader, before.size());
  } else if (reader.take("res")) {
    block = parse_residual(reader);
  } else if (word.starts_with('|')) {
    block = parse_cell(reader);
    count = parse_count(reader);
  } else if (reader.take("avgpool")) {
    block.kind = Kind::average_pool;
    block.height = block.width = block.stride = reader.number("a size to pool", 2, kMaxPool);
  } else if (reader.take("pool")) {
    block.kind = Kind::max_pool;
    block.height = block.width = block.stride = reader.number("a size to pool", 2, kMaxPool);
  } else if (reader.take("gap")) {
    block.kind = Kind::global_pool;
    parse_sources(reader, before.size(), false, block);
  } else if (!word.empty() && word[0] >= '0' && word[0] <= '9') {
    return {};
  } else {
    throw reader.refuse("conv, res, pool, avgpool, gap, a cell, or the width of a dense layer");
  }
  if (!reader.ends()) throw reader.refuse("the end of the word");
  if ((block.kind == Kind::residual || block.kind == Kind::cell) && !has_channels(before))
    throw refuse_architecture(text, at, "a convolution before it, whose width it has", kAdvice);
  return std::vector<PictureBlock>(count, block);
}

PictureArchitecture net_of_cells(const PictureBlock& cell, std::size_t count) {
  PictureArchitecture net;
  for (const std::size_t filters : {16UL, 32UL, 64UL}) {
    const bool is_first = filters == 16;
    net.blocks.push_back({.kind = is_first ? Kind::convolution : Kind::residual,
                          .height = 3,
                          .width = 3,
                          .filters = filters,
                          .stride = is_first ? 1UL : 2UL});
    net.blocks.insert(net.blocks.end(), count, cell);
  }
  net.blocks.push_back({.kind = Kind::global_pool});
  return net;
}

std::string stride_text(const PictureBlock& block) {
  return block.stride > 1 ? fmt::format("/{}", block.stride) : "";
}

std::string sources_text(const PictureBlock& block) {
  std::string text;
  for (const std::size_t source : block.also)
    text += fmt::format("{}{}", text.empty() && !block.reads_front ? ':' : '@', source);
  return text;
}

std::string block_text(const PictureBlock& block) {
  switch (block.kind) {
    case Kind::residual:
      if (block.filters == 0) return "res";
      return fmt::format("res{}{}", block.filters, stride_text(block));
    case Kind::max_pool:
      return fmt::format("pool{}", block.stride);
    case Kind::average_pool:
      return fmt::format("avgpool{}", block.stride);
    case Kind::global_pool:
      return "gap" + sources_text(block);
    case Kind::cell: {
      std::string text;
      std::size_t edge = 0;
      for (std::size_t to = 1; to < kCellNodes; ++to) {
        text += to == 1 ? "|" : "+|";
        for (std::size_t from = 0; from < to; ++from)
          text += fmt::format("{}~{}|", cell_operation_name(block.edges[edge++]), from);
      }
      return text;
    }
    case Kind::convolution:
      break;
  }
  std::string text = block.height == block.width
                         ? fmt::format("conv{}x{}", block.height, block.filters)
                         : fmt::format("conv{}x{}x{}", block.height, block.width, block.filters);
  return text + stride_text(block) + sources_text(block);
}

}  // namespace

std::string_view cell_operation_name(CellOperation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

PictureArchitecture parse_picture_architecture(std::string_view text) {
  PictureArchitecture net;
  if (trim(text).empty() || trim(text) == "none") return net;
  if (const std::string_view alone = trim(text);
      alone.starts_with('|') && alone.find('-') == std::string_view::npos) {
    WordReader reader(text, static_cast<std::size_t>(alone.data() - text.data()), alone);
    const PictureBlock cell = parse_cell(reader);
    const std::size_t count = parse_count(reader);
    if (!reader.ends()) throw reader.refuse("the end of the cell");
    return net_of_cells(cell, count);
  }
  bool is_dense = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('-', begin), text.size());
    const std::string_view word = trim(text.substr(begin, end - begin));
    const std::size_t at = word.empty() ? begin : static_cast<std::size_t>(word.data() - text.data());
    std::vector<PictureBlock> blocks;
    is_dense = is_dense || (!net.blocks.empty() && net.blocks.back().kind == Kind::global_pool);
    if (!is_dense) blocks = parse_picture_blocks(text, at, word, net.blocks);
    if (net.blocks.size() + net.dense.blocks.size() + std::max<std::size_t>(blocks.size(), 1) > kMaxBlocks)
      throw refuse_architecture(text, at, fmt::format("at most {} layers and blocks", kMaxBlocks), kAdvice);
    net.blocks.insert(net.blocks.end(), blocks.begin(), blocks.end());
    if (blocks.empty()) {
      is_dense = true;
      net.dense.blocks.push_back(parse_dense_block(text, at, word, net.dense.blocks));
    }
    begin = end + 1;
  }
  return net;
}

std::string picture_architecture_text(const PictureArchitecture& architecture) {
  std::string text;
  const std::vector<PictureBlock>& blocks = architecture.blocks;
  for (std::size_t i = 0; i < blocks.size();) {
    std::size_t count = 1;
    while (blocks[i].kind == Kind::cell && count < kMaxCells && i + count < blocks.size() &&
           blocks[i + count] == blocks[i])
      ++count;
    if (!text.empty()) text += '-';
    text += block_text(blocks[i]);
    if (count > 1) text += fmt::format("x{}", count);
    i += count;
  }
  if (text.empty()) return architecture_text(architecture.dense);
  return architecture.dense.blocks.empty() ? text : text + '-' + architecture_text(architecture.dense);
}

}  // namespace astrolabe
