#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace specd::test {

/// The value; without one the test cannot go on.
template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace specd::test
