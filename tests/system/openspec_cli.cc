#include "tests/system/openspec_cli.h"

#include <array>
#include <cstdio>

#include "base/json.h"

namespace specd::test {
namespace {

std::filesystem::path modules() {
  return std::filesystem::path(SPECD_SOURCE_DIR) / "tests/tools/node_modules";
}
std::filesystem::path node() {
  return modules() / ".bin/node";
}
std::filesystem::path script() {
  return modules() / "@fission-ai/openspec/bin/openspec.js";
}

}  // namespace

OpenSpecCli::OpenSpecCli(std::filesystem::path home) : home_(std::move(home)) {}

Result<> OpenSpecCli::is_installed() {
  for (const std::filesystem::path& path : {node(), script()}) {
    if (!std::filesystem::exists(path)) {
      return fail(Code::not_found, path.string() + " is missing: run scripts/setup");
    }
  }
  return {};
}

Result<Value> OpenSpecCli::json(const std::filesystem::path& project,
                                const std::string& arguments) const {
  const std::string home = home_.string();
  const std::string command =
      "cd '" + project.string() + "' && env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME='" + home +
      "' XDG_CONFIG_HOME='" + home + "/config' XDG_DATA_HOME='" + home + "/data' XDG_CACHE_HOME='" +
      home + "/cache' OPENSPEC_TELEMETRY=0 DO_NOT_TRACK=1 OPENSPEC_NO_UPDATE_CHECK=1 NO_COLOR=1 '" +
      node().string() + "' '" + script().string() + "' " + arguments + " 2>'" + home + "/stderr'";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return fail_os("popen", errno);
  std::string output;
  std::array<char, 65536> buffer;
  while (const size_t length = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), length);
  }
  const int status = pclose(pipe);
  if (status != 0) {
    return fail(Code::io, "openspec " + arguments + " ended with " + std::to_string(status) +
                              "; see " + home + "/stderr");
  }
  return json::parse(output);
}

}  // namespace specd::test
