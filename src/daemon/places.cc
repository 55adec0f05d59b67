#include "daemon/places.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "base/json.h"
#include "base/path.h"
#include "base/rng.h"

namespace specd::daemon {
namespace {

constexpr size_t kMostOfAFile = 1 << 20;

// The specification: a path that is not absolute is to be ignored.
std::string absolute_env(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
  return value != nullptr && value[0] == '/' ? value : "";
}

std::string address_path(const Places& places) {
  return places.runtime + "/daemon.json";
}

// In the state folder; where a database file of another name was named, by that name.
std::string own_path(const Places& places, const std::string& name) {
  const std::filesystem::path database(places.state);
  if (database.extension() != ".db" || std::filesystem::is_directory(database))
    return places.state + "/" + name;
  const std::string stem = database.stem().string();
  return database.parent_path() / (stem == "specd" ? name : stem + "." + name);
}

// All of a small file that is ours, and that others have none of these rights to; `remedy` says
// what to do where they have.
Result<std::string> read_own_file(const std::string& path, mode_t forbidden,
                                  const std::string& remedy) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0) return fail_os("read " + path, errno);
  if (!S_ISREG(status.st_mode)) return fail(Code::refused, path + ": is no file");
  if (status.st_uid != geteuid()) return fail(Code::refused, path + ": belongs to another user");
  if ((status.st_mode & forbidden) != 0) return fail(Code::refused, path + ": " + remedy);
  const auto most = std::min(static_cast<size_t>(status.st_size), kMostOfAFile);
  std::string text(most, '\0');
  const ssize_t size = read(file.get(), text.data(), text.size());
  if (size < 0) return fail_os("read " + path, errno);
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

Result<Places> default_places() {
  Places places;
  const std::string state = absolute_env("XDG_STATE_HOME");
  const std::string home = absolute_env("HOME");
  if (!state.empty()) {
    places.state = state + "/specd";
  } else if (!home.empty()) {
    places.state = home + "/.local/state/specd";
  } else {
    return fail(Code::refused,
                "neither XDG_STATE_HOME nor HOME is set; say where the database is with --db FILE");
  }
  const std::string runtime = absolute_env("XDG_RUNTIME_DIR");
  places.runtime = runtime.empty() ? places.state : runtime + "/specd";
  return places;
}

Result<UserHomes> user_homes() {
  UserHomes homes{.home = absolute_env("HOME"),
                  .config = absolute_env("XDG_CONFIG_HOME"),
                  .data = absolute_env("XDG_DATA_HOME")};
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  (void)getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) homes.name = entry.pw_name;
  if (homes.home.empty() && found != nullptr) homes.home = entry.pw_dir;
  if (homes.home.empty()) return fail(Code::refused, "HOME is not set; set it to your home folder");
  if (homes.config.empty()) homes.config = homes.home + "/.config";
  if (homes.data.empty()) homes.data = homes.home + "/.local/share";
  return homes;
}

std::string default_config() {
  const auto homes = user_homes();
  if (!homes) return "";
  const std::string path = homes->config + "/specd/config.yaml";
  std::error_code error;
  return std::filesystem::exists(path, error) ? path : "";
}

Result<> make_private_folder(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path path(folder);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail_os("make " + folder, error.value());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail_os("make " + folder, errno);
  return {};
}

Result<> make_runtime_folder(const Places& places) {
  if (auto made = make_private_folder(places.runtime); !made) return made;
  struct stat status{};
  if (stat(places.runtime.c_str(), &status) != 0) return fail_os(places.runtime, errno);
  if (status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return fail(Code::refused, places.runtime +
                                 ": others can write to this folder; set XDG_RUNTIME_DIR to one of "
                                 "your own, or `chmod 700` it");
}

namespace {

/// Ended, while its parent has not asked how: "PID (NAME) Z ...", where NAME can hold anything
/// (proc(5)).
bool is_zombie(const std::string& folder) {
  const auto stat = read_text_file(folder + "/stat");
  const size_t name_ends = stat ? stat->rfind(") ") : std::string::npos;
  return name_ends != std::string::npos && stat->compare(name_ends + 2, 1, "Z") == 0;
}

}  // namespace

// Another program can have got its number, and another user's may want to be taken for it.
bool is_alive(const Address& address) {
  if (kill(static_cast<pid_t>(address.pid), 0) != 0) return false;
  const std::string folder = "/proc/" + std::to_string(address.pid);
  const auto name = read_text_file(folder + "/comm");
  if (!name) return true;  // a system that does not tell
  struct stat status{};
  return name->starts_with("specd") && stat(folder.c_str(), &status) == 0 &&
         status.st_uid == geteuid() && !is_zombie(folder);
}

Result<> write_address(const Places& places, const Address& address) {
  const auto present = read_address(places);
  if (present && present->pid != address.pid && is_alive(*present)) {
    return fail(Code::busy, "the daemon that commands ask stays process " +
                                std::to_string(present->pid) + ", at " + present->url +
                                "; ask this one with --url " + address.url);
  }
  if (auto made = make_runtime_folder(places); !made) return made;
  Value value{.kind = Value::Kind::map};
  const auto add = [&](const char* name, const std::string& text) {
    value.entries.emplace_back(name,
                               Value{.kind = Value::Kind::scalar, .text = text, .quoted = true});
  };
  add("url", address.url);
  value.entries.emplace_back(
      "pid", Value{.kind = Value::Kind::scalar, .text = std::to_string(address.pid)});
  add("token_file", address.token_file);
  add("state", address.state);
  add("connect_to", address.connect_to);
  add("certificate", address.certificate);
  const std::string text = json::dump(value) + "\n";
  return write_text_file(address_path(places), text);
}

// Whoever reads it while we write sees the one before. It has its name only when it is on the disk:
// a token that a power cut left empty would keep the daemon from starting.
Result<> write_text_file(const std::string& path, const std::string& text) {
  // A name that nobody can have prepared: where others write, too, they could open it first.
  SystemRandom random;
  const std::string temporary = path + "." + random_hex(random, 8);
  const Fd file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return fail_os("write " + temporary, errno);
  const ssize_t written = write(file.get(), text.data(), text.size());
  const bool is_whole = written == static_cast<ssize_t>(text.size());
  if (is_whole && fsync(file.get()) == 0 && rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int failed = written >= 0 && !is_whole ? ENOSPC : errno;
  unlink(temporary.c_str());
  return fail_os("write " + path, failed);
}

Result<Address> read_address(const Places& places) {
  const auto text =
      read_own_file(address_path(places), S_IWGRP | S_IWOTH,
                    "others can write to it, and could lead commands elsewhere; remove it, and "
                    "restart the daemon, which writes another");
  if (!text) return tl::unexpected(text.error());
  auto value = json::parse(*text);
  if (!value) return fail_within(address_path(places), value.error());
  const Value* url = value->find("url");
  const Value* pid = value->find("pid");
  if (url == nullptr || pid == nullptr)
    return fail(Code::invalid, address_path(places) + ": neither url nor pid");
  const auto text_of = [&](const char* name) {
    const Value* found = value->find(name);
    return found == nullptr ? "" : found->text;
  };
  return Address{.url = url->text,
                 .pid = std::atol(pid->text.c_str()),
                 .token_file = text_of("token_file"),
                 .state = text_of("state"),
                 .connect_to = text_of("connect_to"),
                 .certificate = text_of("certificate")};
}

std::string token_path(const Places& places) {
  return own_path(places, "token");
}

std::string sessions_path(const Places& places) {
  return own_path(places, "sessions.json");
}

void remove_address(const Places& places, long pid) {
  const auto address = read_address(places);
  if (address && address->pid == pid) unlink(address_path(places).c_str());
}

Result<std::string> read_secret_file(const std::string& path) {
  return read_own_file(path, S_IRWXG | S_IRWXO,
                       "others can read or write it; `chmod 600` it, or remove it if somebody may "
                       "have done so: the next start makes another");
}

Result<> check_is_secret(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return fail_os(path, errno);
  const bool is_roots = status.st_uid == 0;
  if (!is_roots && status.st_uid != geteuid())
    return fail(Code::refused, path + ": belongs to another user");
  const mode_t forbidden = S_IRWXO | (is_roots ? S_IWGRP | S_IXGRP : S_IRWXG);
  if ((status.st_mode & forbidden) == 0) return {};
  return fail(Code::refused, path + ": others can read or write it; `chmod 600` it");
}

Result<std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail_os("read " + path, errno);
  std::string text;
  std::array<char, 4096> part;
  while (text.size() < kMostOfAFile && file) {
    file.read(part.data(), part.size());
    text.append(part.data(), static_cast<size_t>(file.gcount()));
  }
  return text;
}

}  // namespace specd::daemon
