// Prints the API document as it is served.
#include <cstdio>

#include "api/openapi.h"

int main() {
  specd::api::OpenApiDocument document;
  const auto json = document.json();
  if (!json) {
    std::fprintf(stderr, "%s\n", json.error().message.c_str());
    return 1;
  }
  return std::fputs(json->c_str(), stdout) < 0 ? 1 : 0;
}
