// SPDX-License-Identifier: Apache-2.0
// Whether a private training keeps within --memory.
//
//   require_memory_to_read(options.data, limit);             // before a row is read
//   require_memory_to_train(table, hashing, limit, pool);    // before a row is looked at
//
// A plain run works with fewer rows where they do not fit (memory_cap.h). A private one must not: how many
// would be left out follows from how large the rows are, so that each would have a say in whether another one
// counts. Neither looks at more than sizes. Both throw usage_error that says how much it takes.
#pragma once

#include <cstdint>
#include <filesystem>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/table.h"
#include "astrolabe/features/private_encoder.h"

namespace astrolabe {

// The file alone is larger than what the limit leaves.
void require_memory_to_read(const std::filesystem::path& data, std::uint64_t limit);
// The features of all rows, twice (as encoded and as a step reads them), beside what the process holds
// already.
void require_memory_to_train(const Table& features, const CategoryHashing& hashing, std::uint64_t limit,
                             ThreadPool& pool);

}  // namespace astrolabe
