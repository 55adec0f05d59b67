#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace specd::tidy {

/// One word, symbol ("::" and "->" are one each) or string literal of C++.
struct Token {
  enum class Kind { word, symbol, literal };
  Kind kind = Kind::symbol;
  std::string text;
  int line = 0;
};

struct Include {
  std::string header;
  bool is_ours = false;  ///< written with quotes
  int line = 0;
};

/// A source file as the compiler's lexer sees it, near enough: comments are gone, literals are set
/// apart. Preprocessor conditions are not evaluated; both branches count.
struct Source {
  std::string path;  ///< relative to src/
  std::vector<Token> tokens;
  std::vector<Include> includes;
};

[[nodiscard]] Source read_source(std::string path, std::string_view text);

}  // namespace specd::tidy
