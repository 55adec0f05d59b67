#pragma once

#include <string>

#include "base/clock.h"

namespace specd {

/// The day that it is where this computer is, as people write it into files: "2027-01-15".
[[nodiscard]] std::string local_day(WallTime time);

}  // namespace specd
