#include "spec/frontmatter.h"

#include <algorithm>

#include "base/yaml.h"
#include "spec/text.h"

namespace specd::spec {
namespace {

std::string_view without_blanks(std::string_view line) {
  const size_t last = line.find_last_not_of(" \t\r\n");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

struct Block {
  size_t begin;
  std::optional<size_t> end;  // none if it is never closed
  size_t body;
};

std::optional<Block> find_block(std::string_view text) {
  const size_t start = text.size() - without_bom(text).size();
  if (!text.substr(start).starts_with("---")) return std::nullopt;
  const size_t begin = line_end(text, start);
  if (without_blanks(text.substr(start, begin - start)) != "---") return std::nullopt;
  for (size_t at = begin; at < text.size();) {
    const size_t next = line_end(text, at);
    if (text[at] == '-' || text[at] == '.') {
      const std::string_view line = without_blanks(text.substr(at, next - at));
      if (line == "---" || line == "...") return Block{begin, at, next};
    }
    at = next;
  }
  return Block{begin, std::nullopt, text.size()};
}

// `key:` at the start of a line.
bool begins_with_key(std::string_view text) {
  const size_t colon =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
  return colon != std::string_view::npos && colon > 0 && text[colon] == ':';
}

}  // namespace

std::optional<FrontMatter> front_matter(std::string_view text) {
  const std::optional<Block> block = find_block(text);
  if (!block) return std::nullopt;
  if (!block->end) {
    if (!begins_with_key(text.substr(block->begin))) return std::nullopt;
    return FrontMatter{block->begin, text.size(), text.size(),
                       fail(Code::invalid, "line 1: front matter that is not closed")};
  }
  // With its first line, which is YAML's own start of a document, so that offsets and lines are
  // those of the file.
  FrontMatter found{block->begin, *block->end, block->body,
                    yaml::parse(text.substr(0, *block->end))};
  const bool breaks = found.value && found.value->kind != Value::Kind::map &&
                      found.value->kind != Value::Kind::null;
  if (breaks) return std::nullopt;
  return found;
}

std::optional<size_t> body_offset(std::string_view text) {
  const std::optional<Block> block = find_block(text);
  if (!block || !block->end) return std::nullopt;
  return block->body;
}

}  // namespace specd::spec
