#pragma once

#include <cstddef>

namespace specd {

/// Lets this process have `wanted` files open at a time, sockets among them, or as many as its hard
/// limit allows (getrlimit(2)); never fewer than before. How many it may have now.
[[nodiscard]] size_t raise_descriptor_limit(size_t wanted);

}  // namespace specd
