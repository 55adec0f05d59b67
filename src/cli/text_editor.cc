#include "cli/text_editor.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "cli/text_in.h"
#include "daemon/admin/program.h"
#include "daemon/places.h"

namespace specd::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
  return value == nullptr ? "" : value;
}

// Keys that are for the editor must not end us while it runs.
class LeftToTheEditor {
 public:
  LeftToTheEditor() {
    struct sigaction ignored{};
    ignored.sa_handler = &nothing;  // unlike SIG_IGN, not passed on to the editor
    ignored.sa_flags = SA_RESTART;
    sigaction(SIGINT, &ignored, &interrupt_);
    sigaction(SIGQUIT, &ignored, &quit_);
  }
  ~LeftToTheEditor() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }
  LeftToTheEditor(const LeftToTheEditor&) = delete;
  LeftToTheEditor& operator=(const LeftToTheEditor&) = delete;

 private:
  static void nothing(int /*signal*/) {}

  struct sigaction interrupt_{};
  struct sigaction quit_{};
};

}  // namespace

Result<TextFile> TextFile::make(const std::string& name, const std::string& text) {
  const std::string temporary = variable("TMPDIR");
  std::string folder = (temporary.empty() ? "/tmp" : temporary) + "/specd-edit-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return fail_os(folder, errno);
  TextFile file(std::move(folder), name);
  if (auto written = daemon::write_text_file(file.path_, text); !written)
    return tl::unexpected(written.error());
  return file;
}

Result<std::string> TextFile::read() const {
  return text_in(path_);
}

// With what else an editor has left beside it.
void TextFile::remove() const {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<> run_editor(const std::string& path) {
  std::string editor = variable("VISUAL");
  if (editor.empty()) editor = variable("EDITOR");
  if (editor.empty()) editor = "vi";
  const LeftToTheEditor keys;
  const auto ended = admin::run_program({"sh", "-c", editor + " \"$@\"", editor, path});
  if (!ended) return tl::unexpected(ended.error());
  if (*ended == 0) return {};
  return fail(Code::refused,
              "the editor (" + editor + ") ended with exit code " + std::to_string(*ended));
}

}  // namespace specd::cli
