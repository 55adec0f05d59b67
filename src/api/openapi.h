#pragma once

#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"

namespace specd::api {

/// openapi.yaml, as it was compiled in.
[[nodiscard]] std::string_view openapi_yaml();

/// The same as JSON, made when it is first asked for. Any thread.
class OpenApiDocument {
 public:
  [[nodiscard]] Result<std::string> json() SPECD_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::string json_ SPECD_GUARDED_BY(mutex_);  // empty: not made yet
};

}  // namespace specd::api
