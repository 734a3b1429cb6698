// SPDX-License-Identifier: Apache-2.0
// A loss of classes as one of two classes sees it (graph/expression.h).
#pragma once

#include "astrolabe/graph/expression.h"

namespace astrolabe {

// The loss of a row whose class has the raw output z: the terms of this class and of the other one. Of a row
// of the other class it is the same at -z.
[[nodiscard]] NodeId loss_of_true_class(const Expression& loss, Graph& graph, NodeId z);

}  // namespace astrolabe
