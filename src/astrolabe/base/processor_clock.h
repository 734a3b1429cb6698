// SPDX-License-Identifier: Apache-2.0
// Time that a thread had a processor: what others do beside it does not count.
//
//   const double began = thread_processor_seconds();
//   ...
//   const double taken = thread_processor_seconds() - began;
#pragma once

namespace astrolabe {

// Of the calling thread, since some moment. Thread-safe; costs less than a microsecond.
[[nodiscard]] double thread_processor_seconds();

}  // namespace astrolabe
