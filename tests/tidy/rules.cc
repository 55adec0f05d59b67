#include "tests/tidy/rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace specd::tidy {

const std::vector<Layer>& layers() {
  static const std::vector<Layer> table = {
      {"base", {}},
      {"spec", {"base"}},
      {"sync/core", {"base/digest.h", "base/id.h", "base/assert.h"}},
      {"merge", {"base"}},
      {"sqlite", {"base"}},
      {"net", {"base"}},
      {"watch", {"base"}},
      {"proto", {"base"}},
      {"store", {"base", "spec", "sqlite", "proto"}},
      {"realtime", {"base", "net", "proto"}},
      {"sync", {"base", "spec", "sync/core", "merge", "store"}},
      {"api", {"base", "spec", "net", "proto", "store", "realtime", "sync"}},
      {"daemon/admin",
       {"base", "spec", "sqlite", "net", "watch", "store", "sync", "daemon/places.h",
        "daemon/roots.h"}},
      {"cli", {"base", "spec", "merge", "net", "proto", "daemon/places.h", "daemon/admin"}},
      {"daemon",
       {"base", "spec", "sync/core", "merge", "sqlite", "net", "watch", "proto", "store",
        "realtime", "sync", "api", "cli", "daemon/admin"}},
  };
  return table;
}

const std::vector<Never>& nevers() {
  static const std::vector<Never> table = {
      {"sync/core", {"base/fs.h", "base/fs_posix.h", "base/clock.h", "base/log.h", "store"}},
      {"spec", {"base/fs.h", "base/fs_posix.h", "base/fd.h", "sqlite", "net"}},
      {"store", {"sync", "api", "realtime"}},
      {"watch", {"sync", "store"}},
      {"sync", {"watch", "net", "api", "realtime"}},
      {"realtime", {"store", "sync", "api"}},
  };
  return table;
}

const std::vector<Library>& libraries() {
  static const std::vector<Library> table = {
      {"expected", {"tl/"}, {"base/result.h"}},
      {"yaml-cpp", {"yaml-cpp/"}, {"base"}},
      {"spdlog", {"spdlog/", "fmt/"}, {"base"}},
      {"OpenSSL", {"openssl/"}, {"base", "net"}},
      {"zlib", {"zlib.h", "zconf.h"}, {"base"}},
      {"zstd", {"zstd.h", "zstd_errors.h", "zdict.h"}, {"base"}},
      {"nlohmann-json", {"nlohmann/"}, {"base", "proto"}},
      {"SQLite", {"SQLiteCpp/", "sqlite3"}, {"sqlite"}},
      {"Beast", {"boost/beast"}, {"net"}, 1},
      {"Boost", {"boost/"}, {"net"}},
      {"cpp-httplib", {"httplib"}, {"net"}},
      {"wslay", {"wslay/"}, {"net"}, 1},
      {"libgit2", {"git2"}, {"merge"}},
      {"CLI11", {"CLI/"}, {"cli", "daemon/main.cc"}, 1},
      {"systemd", {"systemd/"}, {"daemon"}},
      {"the loader", {"dlfcn.h"}, {"daemon", "merge"}},
      {"utf8proc", {"utf8proc.h"}, {"base"}},
  };
  return table;
}

const std::vector<OpenHeader>& open_headers() {
  static const std::vector<OpenHeader> table = {
      {"base/result.h", "expected", false},
      {"sqlite/impl.h", "SQLite", true},
      {"net/io_loop.h", "Boost", true},
      {"net/wire.h", "Boost", true},
  };
  return table;
}

const std::vector<std::string_view>& system_headers() {
  static const std::vector<std::string_view> table = {
      "sys/",     "linux/",   "arpa/",    "netinet/",  "dirent.h", "fcntl.h",  "grp.h",
      "malloc.h", "netdb.h",  "poll.h",   "pthread.h", "pwd.h",    "sched.h",  "signal.h",
      "spawn.h",  "stdlib.h", "syslog.h", "termios.h", "time.h",   "unistd.h",
  };
  return table;
}

const Places& system_places() {
  static const Places table = {"base",  "sqlite", "net",          "watch",
                               "store", "daemon", "daemon/admin", "cli"};
  return table;
}

const std::vector<Ban>& bans() {
  using enum Ban::How;
  static constexpr std::string_view kClock = "base/clock.h tells the time, so that tests can";
  static constexpr std::string_view kSleep = "nobody sleeps: wait for what is due, with a deadline";
  static constexpr std::string_view kRandom = "base/rng.h is the one source of chance";
  static constexpr std::string_view kOpen =
      "files are reached through base/fs.h; closing a stray descriptor of the database would drop "
      "SQLite's locks on it";
  static constexpr std::string_view kDatabase =
      "only store knows the database's files, and only sqlite opens them";
  static const Places base = {"base"};
  // cli/text_in.cc: a file that a person names, in a process that has no database open.
  static const Places openers = {"base",           "cli/text_in.cc",   "watch/inotify.cc",
                                 "daemon/lock.cc", "daemon/places.cc", "daemon/admin/probe.cc"};
  static const std::vector<Ban> table = {
      {static_call, "now", kClock, base},
      {call, "time", kClock, base},
      {call, "clock", kClock, base},
      {name, "gettimeofday", kClock, base},
      {name, "clock_gettime", kClock, base},
      {name, "timespec_get", kClock, base},
      {name, "localtime", kClock, base},
      {name, "localtime_r", kClock, base},
      {name, "mktime", kClock, base},
      {name, "current_zone", kClock, base},
      {call, "sleep", kSleep, base},
      {name, "usleep", kSleep, base},
      {name, "nanosleep", kSleep, base},
      {name, "clock_nanosleep", kSleep, base},
      {name, "sleep_for", kSleep, base},
      {name, "sleep_until", kSleep, base},
      {call, "rand", kRandom, base},
      {call, "random", kRandom, base},
      {name, "srand", kRandom, base},
      {name, "rand_r", kRandom, base},
      {name, "drand48", kRandom, base},
      {name, "random_device", kRandom, base},
      {name, "mt19937", kRandom, base},
      {name, "mt19937_64", kRandom, base},
      {name, "minstd_rand", kRandom, base},
      {name, "default_random_engine", kRandom, base},
      {name, "getrandom", kRandom, base},
      {name, "getentropy", kRandom, base},
      {name, "arc4random", kRandom, base},
      {literal_part, "/dev/urandom", kRandom, base},
      {literal_part, "/dev/random", kRandom, base},
      {call, "open", kOpen, openers},
      {call, "openat", kOpen, openers},
      {call, "creat", kOpen, openers},
      {call, "fopen", kOpen, openers},
      {name, "ifstream", kOpen, openers},
      {name, "ofstream", kOpen, openers},
      {name, "fstream", kOpen, openers},
      {name, "filebuf", kOpen, openers},
      {name, "copy_file", kOpen, openers},
      {literal_part, "specd.db", kDatabase, {"store"}},
      {literal_part, "search.db", kDatabase, {"store"}},
  };
  return table;
}

namespace {

bool contains(const Places& places, std::string_view place) {
  return std::find(places.begin(), places.end(), place) != places.end();
}

/// The longest folder of the table that the file or header lies in; empty where there is none.
std::string_view layer_of(std::string_view path) {
  std::string_view best;
  for (const Layer& layer : layers()) {
    const bool is_in = path.starts_with(layer.folder) && path.size() > layer.folder.size() &&
                       path[layer.folder.size()] == '/';
    if (is_in && layer.folder.size() > best.size()) best = layer.folder;
  }
  return best;
}

bool is_at(const Places& places, std::string_view path) {
  return contains(places, path) || contains(places, layer_of(path));
}

const Layer& row_of(std::string_view folder) {
  return *std::find_if(layers().begin(), layers().end(),
                       [&](const Layer& layer) { return layer.folder == folder; });
}

const OpenHeader* open_header(std::string_view path) {
  for (const OpenHeader& open : open_headers()) {
    if (open.header == path) return &open;
  }
  return nullptr;
}

const Library* library_of(std::string_view header) {
  for (const Library& library : libraries()) {
    for (std::string_view begin : library.headers) {
      if (header.starts_with(begin)) return &library;
    }
  }
  return nullptr;
}

bool is_system(std::string_view header) {
  return std::any_of(system_headers().begin(), system_headers().end(), [&](std::string_view known) {
    return known.back() == '/' ? header.starts_with(known) : header == known;
  });
}

class Checker {
 public:
  void check(const Source& source) {
    source_ = &source;
    folder_ = layer_of(source.path);
    if (folder_.empty()) {
      report(1, "is in no folder of the layer table");
      return;
    }
    for (const Include& include : source.includes) {
      if (include.is_ours) {
        check_ours(include);
      } else {
        check_foreign(include);
      }
    }
    check_words();
  }

  std::vector<std::string> finish() {
    for (const Library& library : libraries()) {
      const std::set<std::string>& files = users_[library.name];
      if (files.size() <= library.max_files) continue;
      std::string line = *files.begin() + ":1: is one of several files that include " +
                         std::string(library.name) + ":";
      for (const std::string& file : files) line += " " + file;
      found_.push_back(line);
    }
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  void report(int line, const std::string& what) {
    found_.push_back(source_->path + ":" + std::to_string(line) + ": " + what);
  }

  void check_ours(const Include& include) {
    const std::string what = "includes " + include.header;
    const std::string_view target = layer_of(include.header);
    if (target.empty()) {
      report(include.line, what + ", which is in no folder of the layer table");
      return;
    }
    const OpenHeader* open = open_header(include.header);
    if (open && open->is_inside && target != folder_) {
      report(include.line, what + ", the inside of " + std::string(target));
      return;
    }
    for (const Never& never : nevers()) {
      if (never.folder == folder_ && is_at(never.includes, include.header)) {
        report(include.line, what + ", which " + std::string(folder_) + " must never");
        return;
      }
    }
    if (target != folder_ && !is_at(row_of(folder_).may_include, include.header)) {
      report(include.line, what + ", which is no layer below " + std::string(folder_));
    }
  }

  void check_foreign(const Include& include) {
    const std::string what = "includes <" + include.header + ">";
    if (const Library* library = library_of(include.header)) {
      users_[library->name].insert(source_->path);
      if (!is_at(library->places, source_->path)) {
        report(include.line, what + " outside the folder that adapts it");
        return;
      }
      const OpenHeader* open = open_header(source_->path);
      if (source_->path.ends_with(".h") && !(open && open->library == library->name))
        report(include.line, what + " in a header");
      return;
    }
    if (is_system(include.header)) {
      if (!is_at(system_places(), source_->path))
        report(include.line, what + ", but " + std::string(folder_) + " does not use the system");
      return;
    }
    if (include.header.find_first_of("./") != std::string::npos)
      report(include.line, what + ", which no table knows");
  }

  void check_words() {
    for (size_t i = 0; i < source_->tokens.size(); ++i) {
      for (const Ban& ban : bans()) {
        if (!is_at(ban.places, source_->path) && matches(ban, i))
          report(source_->tokens[i].line, std::string(ban.word) + ": " + std::string(ban.why));
      }
    }
  }

  /// The token `offset` places from `i`; none past the ends.
  [[nodiscard]] std::optional<Token> near(size_t i, int offset) const {
    const auto at = static_cast<int64_t>(i) + offset;
    if (at < 0 || at >= static_cast<int64_t>(source_->tokens.size())) return std::nullopt;
    return source_->tokens[static_cast<size_t>(at)];
  }
  [[nodiscard]] bool is(size_t i, int offset, std::string_view text) const {
    const auto token = near(i, offset);
    return token && token->kind != Token::Kind::literal && token->text == text;
  }

  [[nodiscard]] bool matches(const Ban& ban, size_t i) const {
    const Token& token = source_->tokens[i];
    if (ban.how == Ban::How::literal_part) {
      return token.kind == Token::Kind::literal && token.text.find(ban.word) != std::string::npos;
    }
    if (token.kind != Token::Kind::word || token.text != ban.word) return false;
    switch (ban.how) {
      case Ban::How::name:
        return true;
      case Ban::How::static_call:
        return is(i, -1, "::") && is(i, 1, "(");
      default:
        return is(i, 1, "(") && is_free(i);
    }
  }

  /// Whether the name before "(" is that of a free function being called: neither a member of
  /// something, nor the name in a declaration.
  [[nodiscard]] bool is_free(size_t i) const {
    if (is(i, -1, ".") || is(i, -1, "->")) return false;
    if (is(i, -1, "::")) {
      const auto scope = near(i, -2);
      return !scope || scope->kind != Token::Kind::word || scope->text == "std" ||
             is_keyword(scope->text);
    }
    if (is(i, -1, ">") && closes_template(i)) return false;
    const auto before = near(i, -1);
    return !before || before->kind != Token::Kind::word || is_keyword(before->text);
  }
  /// Whether the ">" before the name ends a type, as in Result<File> open(…).
  [[nodiscard]] bool closes_template(size_t i) const {
    int depth = 0;
    for (int back = -1;; --back) {
      const auto token = near(i, back);
      if (!token || token->kind == Token::Kind::literal) return false;
      if (token->text == ">") ++depth;
      if (token->text == "<" && --depth == 0) return true;
      static const std::set<std::string_view> in_types = {"<", ">", "::", ",", "*", "&"};
      if (token->kind == Token::Kind::symbol && !in_types.contains(token->text)) return false;
    }
  }
  /// Words after which an expression may begin; any other word is a type, and what follows it a
  /// name that is being declared.
  [[nodiscard]] static bool is_keyword(std::string_view word) {
    static const std::set<std::string_view> words = {"return", "co_return", "co_await", "co_yield",
                                                     "else",   "do",        "case",     "throw",
                                                     "not",    "and",       "or"};
    return words.contains(word);
  }

  const Source* source_ = nullptr;
  std::string_view folder_;
  std::map<std::string_view, std::set<std::string>> users_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const std::vector<Source>& sources) {
  Checker checker;
  for (const Source& source : sources) checker.check(source);
  return checker.finish();
}

}  // namespace specd::tidy
