// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/processor_clock.h"

#include <time.h>

namespace astrolabe {

double thread_processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace astrolabe
