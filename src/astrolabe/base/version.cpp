// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/version.h"

namespace astrolabe {

std::string_view version() {
  return ASTROLABE_VERSION;
}

}  // namespace astrolabe
