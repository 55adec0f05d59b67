#include "base/fold.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <vector>

namespace specd {
namespace {

constexpr auto kOptions =
    static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);

bool is_ascii(char c) {
  return (c & 0x80) == 0;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Appends what `text` becomes; false where it is no UTF-8. `room` is there to work in.
bool append_folded(std::string_view text, std::string& to, std::vector<utf8proc_int32_t>& room) {
  const auto decompose = [&] {
    return utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                              static_cast<utf8proc_ssize_t>(text.size()), room.data(),
                              static_cast<utf8proc_ssize_t>(room.size()), kOptions);
  };
  const auto wanted = [&](utf8proc_ssize_t count) { return static_cast<size_t>(count) + 1; };
  room.resize(std::max(room.size(), text.size() + 1));  // one for the end that reencode writes
  utf8proc_ssize_t count = decompose();
  if (count >= 0 && wanted(count) > room.size()) {
    room.resize(wanted(count));
    count = decompose();
  }
  if (count < 0) return false;
  const utf8proc_ssize_t size = utf8proc_reencode(room.data(), count, kOptions);
  if (size < 0) return false;
  to.append(reinterpret_cast<const char*>(room.data()), static_cast<size_t>(size));
  return true;
}

}  // namespace

// An ASCII character never composes with what stands before it, so a text can be cut there; and
// most is ASCII, which needs no tables.
std::string folded(std::string_view name) {
  const std::string_view whole = name;
  std::string plain;
  plain.reserve(name.size());
  std::vector<utf8proc_int32_t> room;
  while (!name.empty()) {
    const auto ascii = static_cast<size_t>(std::ranges::find_if_not(name, is_ascii) - name.begin());
    const bool is_last = ascii == name.size();
    // The last ASCII character before a mark may compose with that.
    const size_t cut = is_last || ascii == 0 ? ascii : ascii - 1;
    std::ranges::transform(name.substr(0, cut), std::back_inserter(plain), lower);
    if (is_last) break;
    const auto rest = name.substr(ascii);
    const auto other = static_cast<size_t>(std::ranges::find_if(rest, is_ascii) - rest.begin());
    if (!append_folded(name.substr(cut, ascii - cut + other), plain, room))
      return std::string(whole);
    name.remove_prefix(ascii + other);
  }
  return plain;
}

std::string without_marks(std::string_view name) {
  constexpr auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                     UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                   static_cast<utf8proc_ssize_t>(name.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::string(name);
  return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)};
}

bool holds_folded(std::string_view text, std::string_view part) {
  if (!std::ranges::all_of(text, is_ascii)) return folded(text).find(part) != std::string::npos;
  return part.empty() || !std::ranges::search(text, part, {}, lower).empty();
}

}  // namespace specd
