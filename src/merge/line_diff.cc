// The one file that knows libgit2. It is loaded when it is first needed: linked, it would make each
// command load it and the dozen libraries that it needs, which takes milliseconds, and nearly no
// command merges anything.

#include "merge/line_diff.h"

#include <dlfcn.h>
#include <git2.h>

#include <string>

namespace specd::merge {
namespace {

constexpr const char* kLibrary = "libgit2.so." LIBGIT2_SOVERSION;

/// What we use of libgit2.
struct Libgit2 {
  decltype(git_diff_buffers)* diff_buffers = nullptr;
  decltype(git_error_last)* error_last = nullptr;
};

template <class Function>
bool find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(::dlsym(library, name));
  return function != nullptr;
}

Result<Libgit2> load() {
  const std::string remedy = "; merging needs it: install the package of libgit2 " LIBGIT2_SOVERSION
                             " (Debian: libgit2-" LIBGIT2_SOVERSION ")";
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc's is of this thread
    return fail(Code::io, (why == nullptr ? std::string(kLibrary) : why) + remedy);
  }
  Libgit2 git;
  decltype(git_libgit2_init)* init = nullptr;
  if (!find(library, "git_libgit2_init", init) ||
      !find(library, "git_diff_buffers", git.diff_buffers) ||
      !find(library, "git_error_last", git.error_last))
    return fail(Code::io, std::string(kLibrary) + " is not as expected" + remedy);
  if (init() < 0) return fail(Code::io, std::string(kLibrary) + " cannot be started");
  return git;
}

// Kept until the process ends, like what it could not do: a package that is installed later is
// found by the next daemon.
const Result<Libgit2>& libgit2() {
  static const Result<Libgit2> git = load();
  return git;
}

// git counts lines from 1, and names the line before an empty range.
LineRange range_of(int start, int count) {
  const auto first = static_cast<size_t>(count == 0 ? start : start - 1);
  return {first, first + static_cast<size_t>(count)};
}

int add_hunk(const git_diff_delta*, const git_diff_hunk* hunk, void* hunks) {
  static_cast<std::vector<Hunk>*>(hunks)->push_back(
      {range_of(hunk->old_start, hunk->old_lines), range_of(hunk->new_start, hunk->new_lines)});
  return 0;
}

}  // namespace

Result<std::vector<Hunk>> diff_lines(std::string_view before, std::string_view after) {
  std::vector<Hunk> hunks;
  if (before == after) return hunks;
  const Result<Libgit2>& git = libgit2();
  if (!git) return tl::unexpected(git.error());
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_FORCE_TEXT;
  options.context_lines = 0;
  options.interhunk_lines = 0;
  const int done =
      git->diff_buffers(before.data(), before.size(), nullptr, after.data(), after.size(), nullptr,
                        &options, nullptr, nullptr, add_hunk, nullptr, &hunks);
  if (done < 0) {
    const git_error* error = git->error_last();
    return fail(Code::io, std::string("libgit2: ") + (error ? error->message : "no diff"));
  }
  return hunks;
}

}  // namespace specd::merge
