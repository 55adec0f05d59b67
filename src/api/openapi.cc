#include "api/openapi.h"

#include "base/json.h"
#include "base/yaml.h"

namespace specd::api {

Result<std::string> OpenApiDocument::json() {
  MutexLock lock(mutex_);
  if (json_.empty()) {
    const auto document = yaml::parse(openapi_yaml(), {.bytes = size_t{1} << 20});
    if (!document) return fail_within("openapi.yaml", document.error());
    json_ = json::dump(*document);
  }
  return json_;
}

}  // namespace specd::api
