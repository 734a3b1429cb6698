// SPDX-License-Identifier: Apache-2.0
// The functions behind the rows of space_catalog.cpp, one file each, space_NAME.cpp: what a space is, as
// dimensions and as a grammar for people. What each takes and returns is SpaceRow's.
//
//   write_bello(SpaceWriter(draft).under("optimizer"), {}, 1).text(point)   // "lr*(...)"
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/system/space_catalog.h"

namespace astrolabe {

// Named parts of an expression slot, each with its settings as dimensions that exist only under it.
WrittenSpace write_parts(Vocabulary slot, const SpaceWriter& writer, const SpaceContext& context);
std::string grammar_of_parts(Vocabulary slot);

// Ramachandran, Zoph and Le, "Searching for activation functions", 2017: units b(u1(x1), u2(x2)).
WrittenSpace write_ramachandran(const SpaceWriter& slot, const SpaceContext& context, int units);
std::string grammar_of_ramachandran(int units);
// Its 25 functions of one number, in x and beta: what a hole in an activation becomes.
std::vector<std::string> ramachandran_unaries();

// Bello and others, "Neural optimizer search with reinforcement learning", ICML 2017: lr * b(u1(a), u2(b)).
WrittenSpace write_bello(const SpaceWriter& slot, const SpaceContext& context, int groups);
std::string grammar_of_bello(int groups);
// A hole in an optimizer: an operand under a unary function.
PointText write_bello_hole(const SpaceWriter& hole);

// The decays of the same paper.
WrittenSpace write_decays(const SpaceWriter& slot, const SpaceContext& context, int setting);
std::string grammar_of_decays(int setting);

// Gonzalez and Miikkulainen, "Improved training speed, accuracy, and data utilization through loss function
// optimization" (GLO), 2019: expression trees, bounded here in depth.
WrittenSpace write_glo(const SpaceWriter& slot, const SpaceContext& context, int depth);
std::string grammar_of_glo(int depth);
std::vector<std::string> glo_leaves(TaskKind kind);  // a hole in a loss

// Gonzalez and Miikkulainen, "Optimizing loss functions through multi-variate Taylor polynomial
// parameterization" (TaylorGLO), 2020: 8 numbers.
WrittenSpace write_taylor(const SpaceWriter& slot, const SpaceContext& context, int setting);
std::string grammar_of_taylor(int setting);

// Our nets for tables: widths, and residual blocks behind them.
WrittenSpace write_cells(const SpaceWriter& slot, const SpaceContext& context, int blocks);
std::string grammar_of_cells(int blocks);

// Zoph and Le, "Neural architecture search with reinforcement learning", ICLR 2017: layers of filters that
// read earlier layers too.
WrittenSpace write_zoph_cnn(const SpaceWriter& slot, const SpaceContext& context, int layers);
std::string grammar_of_zoph_cnn(int layers);

// Dong and Yang, "NAS-Bench-201", 2020: 6 edges with 5 operations each, in the words of its table, and behind
// them how many such cells a stage has.
WrittenSpace write_nasbench201(const SpaceWriter& slot, const SpaceContext& context, int cells);
std::string grammar_of_nasbench201(int cells);

// Batch sizes, powers of 2. How the learning rate follows them is a dimension of system_space.cpp.
WrittenSpace write_batches(const SpaceWriter& slot, const SpaceContext& context, int setting);
std::string grammar_of_batches(int setting);

// ---- What several spaces need to write formulas.

// `text` with every mark replaced, in parentheses unless it is a name, a number or a call.
[[nodiscard]] std::string filled(std::string_view text, char mark, const std::string& by);
[[nodiscard]] std::string in_parentheses(const std::string& text);
// A formula as the language prints it, with as few parentheses as it needs; what names a part, and what
// cannot be read, stays as it is.
[[nodiscard]] std::string tidy_formula(Vocabulary slot, const std::string& text);

}  // namespace astrolabe
