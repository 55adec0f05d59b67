#include "spec/glob.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace specd::spec {
namespace {

TEST(Glob, MatchesAsFastGlobDoes) {
  const struct {
    std::string_view pattern;
    std::string_view path;
    bool matches;
  } table[] = {
      {"tasks.md", "tasks.md", true},
      {"tasks.md", "Tasks.md", false},
      {"tasks.md", "sub/tasks.md", false},
      {"./a//b.md", "a/b.md", true},
      {".hidden.md", ".hidden.md", true},
      {"a(b).md", "a(b).md", true},
      {"!a.md", "!a.md", true},
      {"a..b*", "a..bc", true},
      {"*.md", "a.md", true},
      {"*.md", ".a.md", false},
      {"*.md", "a/b.md", false},
      {"*", "a", true},
      {"t*/*o*.md", "tasks/todo.md", true},
      {"t*/*o*.md", "tasks/a.md", false},
      {"**/tasks.md", "tasks.md", true},
      {"**/tasks.md", "a/b/tasks.md", true},
      {"**/tasks.md", "a/.b/tasks.md", false},
      {"**/.b/tasks.md", "a/.b/tasks.md", true},
      {"specs/**/*.md", "specs/a.md", true},
      {"specs/**/*.md", "specs/a/b/c.md", true},
      {"specs/**/*.md", "a.md", false},
      {"tasks/**", "tasks/a/b", true},
      {"tasks/**", "tasks", false},
      {"**", "a/b", true},
      {"**", "a/.b", false},
      {"a/**/b/**/c", "a/x/b/c", true},
      {"a/**/b/**/c", "a/x/c", false},
      {"a**b", "axxb", true},
      {"a**b", "ax/xb", false},
      {"t?do.md", "todo.md", true},
      {"t?do.md", "tdo.md", false},
      {"t?do.md",
       "t\xc3\xb6"
       "do.md",
       true},
      {"?a", ".a", false},
      {"[pt]*/x", "plan/x", true},
      {"[!p]x", "px", false},
      {"[^p]x", "qx", true},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[", "[", true},
      {"[ab", "[ab", true},
      {"{plan,todo}/*", "todo/a", true},
      {"{plan,todo}/*", "tasks/a", false},
      {"{a,b/c}.md", "b/c.md", true},
      {"x{a,{b,c}}y", "xcy", true},
      {"x{a,{b,c}}y", "x{b,c}y", false},
      {"{a}.md", "{a}.md", true},
      {"{a,}.md", ".md", true},
  };
  for (const auto& row : table) {
    const Result<Glob> glob = Glob::compile(row.pattern);
    EXPECT_EQ(glob && glob->matches(row.path), row.matches) << row.pattern << " " << row.path;
  }
}

TEST(Glob, WhatItWouldReadDifferentlyItRefuses) {
  for (const char* pattern :
       {"@(a|b)", "!(a)", "+(a)", "(a|b)*", "!a*", "a\\*", "{1..3}", "[[:alpha:]]*"}) {
    EXPECT_FALSE(Glob::compile(pattern)) << pattern;
  }
  std::string large;
  for (int i = 0; i < 12; ++i) large += "{a,b}";
  EXPECT_FALSE(Glob::compile(large));
}

TEST(Glob, HostilePatternsTakeNoTime) {
  std::string stars;
  std::string parts;
  std::string path = "a";
  for (int i = 0; i < 200; ++i) {
    stars += "*a";
    parts += "**/*a*/";
    path += "/a";
  }
  EXPECT_FALSE(Glob::compile(stars + "b")->matches(std::string(2000, 'a')));
  EXPECT_FALSE(Glob::compile(parts + "b")->matches(path));
}

RC_GTEST_PROP(Glob, AnyPatternIsReadOrRefused, (const std::string& noise)) {
  const auto parts =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "*", "**", "?", "[", "]", "{", "}", ",", "/", "a", ".", "!", "-", "(", "\xc3"}));
  std::string pattern;
  for (const std::string& part : parts) pattern += part;
  if (const Result<Glob> glob = Glob::compile(pattern)) (void)glob->matches(noise);
}

RC_GTEST_PROP(Glob, ANameMatchesItself, ()) {
  const std::string name = *rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ019._-"))));
  RC_ASSERT(Glob::compile(name)->matches(name));
  RC_ASSERT(Glob::compile("**/" + name)->matches("a/" + name));
}

}  // namespace
}  // namespace specd::spec
