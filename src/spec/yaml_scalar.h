#pragma once

#include <string>
#include <string_view>

/// How a string is written as a YAML scalar in one line, so that every reader takes it for that
/// string: those of YAML 1.1 (Ruby, PyYAML) and of 1.2 (the LeanSpec CLI, ours).
namespace specd::spec {

enum class Quotes { none, single, twofold };

/// In a flow list `[a, b]`, commas and brackets end a plain scalar.
enum class Context { block, flow };

/// What a reader of YAML 1.1 or 1.2 may take a plain scalar for.
enum class Meaning { text, null, boolean, number, time };
[[nodiscard]] Meaning meaning_of(std::string_view plain);

/// A scalar to be like.
struct ScalarStyle {
  Quotes quotes = Quotes::none;
  /// Of a plain one: where that is a number, another number needs no quotes.
  Meaning meaning = Meaning::text;
  Context context = Context::block;
};

/// The text in the quotes of `like`, or in the least that can express it: none, single, double.
/// Control characters and line breaks are escaped. Asserts UTF-8.
[[nodiscard]] std::string write_scalar(std::string_view text, const ScalarStyle& like);

}  // namespace specd::spec
