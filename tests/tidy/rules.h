#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

/// The house rules that reading the sources can prove. Each table below is the rule; the code only
/// applies it. A "place" is a folder of src/ ("sync/core") or one file ("daemon/places.h").
namespace specd::tidy {

using Places = std::vector<std::string_view>;

/// Who may include whom. A folder may always include itself; one that is not here may not exist.
struct Layer {
  std::string_view folder;
  Places may_include;
};
[[nodiscard]] const std::vector<Layer>& layers();

/// What no layer may ever be granted, whatever `layers` says.
struct Never {
  std::string_view folder;
  Places includes;
};
[[nodiscard]] const std::vector<Never>& nevers();

/// A third-party library: by how its headers begin, and where it may be included.
struct Library {
  std::string_view name;
  std::vector<std::string_view> headers;
  Places places;
  /// For headers that cost seconds per including file.
  size_t max_files = 1000;
};
[[nodiscard]] const std::vector<Library>& libraries();

/// Headers of ours that may show a library: `guests` names it (tl/expected, for everybody), or the
/// header is the inside of its folder, and nobody else may include it.
struct OpenHeader {
  std::string_view header;
  std::string_view library;
  bool is_inside;
};
[[nodiscard]] const std::vector<OpenHeader>& open_headers();

/// The system's own headers, and who talks to the system.
[[nodiscard]] const std::vector<std::string_view>& system_headers();
[[nodiscard]] const Places& system_places();

/// Words that only some places may use.
struct Ban {
  enum class How {
    name,          ///< the word, anywhere
    call,          ///< a free function: word(…), ::word(…) or std::word(…), and no member
    static_call,   ///< …::word(
    literal_part,  ///< a string literal that contains it
  };
  How how;
  std::string_view word;
  std::string_view why;
  Places places;
};
[[nodiscard]] const std::vector<Ban>& bans();

/// Every violation, as "path:line: what is wrong"; sorted.
[[nodiscard]] std::vector<std::string> violations(const std::vector<Source>& sources);

}  // namespace specd::tidy
