#pragma once

#include <string>

namespace specd {

/// Empties a text and gives its memory back. Assigning an empty one would not: a short text is
/// copied into whatever room there is.
inline void give_back(std::string& text) {
  std::string().swap(text);
}

}  // namespace specd
