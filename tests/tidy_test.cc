// The house rules, held against the tree itself; and every rule against a planted violation, so
// that none of them can go blind unnoticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/rules.h"
#include "tests/tidy/source.h"

namespace specd::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<Source> read_tree(const std::filesystem::path& root) {
  std::vector<Source> sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension != ".cc" && extension != ".h") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    sources.push_back(read_source(std::filesystem::relative(entry.path(), root), text));
  }
  return sources;
}

std::vector<std::string> found_in(const std::string& path, const std::string& text) {
  return violations({read_source(path, text)});
}

/// A file in a place that `places` does not grant.
std::string outside(const Places& places) {
  for (const char* path : {"api/x.cc", "spec/x.cc", "store/x.cc"}) {
    const std::string folder(path, std::string(path).find('/'));
    if (std::find(places.begin(), places.end(), folder) == places.end()) return path;
  }
  ADD_FAILURE() << "the rule grants every place";
  return {};
}

/// A file in the first place that `places` grants.
std::string inside(const Places& places) {
  const std::string place(places.at(0));
  return place.find('.') == std::string::npos ? place + "/x.cc" : place;
}

// ---- the tree

TEST(Tidy, TheTreeKeepsTheHouseRules) {
  const std::vector<Source> sources = read_tree(SPECD_SOURCE_DIR "/src");
  size_t includes = 0, tokens = 0;
  for (const Source& source : sources) {
    includes += source.includes.size();
    tokens += source.tokens.size();
  }
  EXPECT_GT(sources.size(), 100u) << "has src/ moved?";
  EXPECT_GT(includes, 5 * sources.size() / 2) << "are includes still understood?";
  EXPECT_GT(tokens, 100 * sources.size());
  EXPECT_THAT(violations(sources), IsEmpty());
}

// ---- the tables themselves

TEST(Tidy, LayersIncludeOnlyLayersAboveThemInTheTable) {
  std::vector<std::string> seen;
  for (const Layer& layer : layers()) {
    for (std::string_view place : layer.may_include) {
      if (place.ends_with(".h")) continue;  // one header, granted by name
      EXPECT_THAT(seen, testing::Contains(std::string(place))) << layer.folder;
    }
    seen.emplace_back(layer.folder);
  }
}

TEST(Tidy, NoLayerIsGrantedWhatIsNeverGranted) {
  for (const Never& never : nevers()) {
    for (std::string_view place : never.includes) {
      const std::string header(place.ends_with(".h") ? place : std::string(place) + "/x.h");
      EXPECT_THAT(found_in(std::string(never.folder) + "/x.cc", "#include \"" + header + "\"\n"),
                  ElementsAre(HasSubstr("must never")));
    }
  }
}

// ---- includes

TEST(Tidy, OnlyLayersOfTheTableAreIncluded) {
  for (const Layer& from : layers()) {
    for (const Layer& to : layers()) {
      const std::string text = "#include \"" + std::string(to.folder) + "/x.h\"\n";
      const auto& may = from.may_include;
      const bool is_granted =
          from.folder == to.folder || std::find(may.begin(), may.end(), to.folder) != may.end();
      EXPECT_THAT(found_in(std::string(from.folder) + "/x.cc", text), SizeIs(is_granted ? 0 : 1))
          << from.folder << " -> " << to.folder;
    }
  }
}

TEST(Tidy, AnIncludeIsToldWithFileAndLine) {
  EXPECT_THAT(found_in("store/files.cc", "\n#include \"sync/engine.h\"\n"),
              ElementsAre("store/files.cc:2: includes sync/engine.h, which store must never"));
  EXPECT_THAT(
      found_in("merge/text3.h", "#include <string>\n# include \"store/store.h\"\n"),
      ElementsAre("merge/text3.h:2: includes store/store.h, which is no layer below merge"));
}

TEST(Tidy, SingleHeadersAreGrantedAlone) {
  EXPECT_THAT(found_in("sync/core/x.h", "#include \"base/digest.h\"\n"), IsEmpty());
  EXPECT_THAT(found_in("sync/core/x.h", "#include \"base/path.h\"\n"), SizeIs(1));
  EXPECT_THAT(found_in("cli/x.cc", "#include \"daemon/places.h\"\n"), IsEmpty());
  EXPECT_THAT(found_in("cli/x.cc", "#include \"daemon/app.h\"\n"), SizeIs(1));
}

TEST(Tidy, FoldersWithoutARowAreReported) {
  EXPECT_THAT(found_in("util/misc.cc", ""), SizeIs(1));
  EXPECT_THAT(found_in("main.cc", ""), SizeIs(1));
  EXPECT_THAT(found_in("base/x.cc", "#include \"util/misc.h\"\n"), SizeIs(1));
  EXPECT_THAT(found_in("base/x.cc", "#include \"fs.h\"\n"), SizeIs(1));
}

TEST(Tidy, LibrariesStayInTheFolderThatAdaptsThem) {
  for (const Library& library : libraries()) {
    for (std::string_view begin : library.headers) {
      const std::string header = std::string(begin) + (begin.ends_with("/") ? "x.hpp" : "");
      const std::string text = "#include <" + header + ">\n";
      EXPECT_THAT(found_in(outside(library.places), text), SizeIs(1)) << header;
      EXPECT_THAT(found_in(inside(library.places), text), IsEmpty()) << header;
      EXPECT_THAT(found_in("base/any.h", text), SizeIs(1)) << header;
    }
  }
}

TEST(Tidy, HeadersShowNoLibrary) {
  EXPECT_THAT(found_in("sqlite/database.h", "#include <sqlite3.h>\n"),
              ElementsAre(HasSubstr("in a header")));
  EXPECT_THAT(found_in("base/result.h", "#include <tl/expected.hpp>\n"), IsEmpty());
  EXPECT_THAT(found_in("base/result.h", "#include <zstd.h>\n"), SizeIs(1));
}

TEST(Tidy, TheInsideOfAFolderStaysInIt) {
  for (const OpenHeader& open : open_headers()) {
    if (!open.is_inside) continue;
    const std::string text = "#include \"" + std::string(open.header) + "\"\n";
    const std::string folder(open.header.substr(0, open.header.rfind('/')));
    EXPECT_THAT(found_in(folder + "/x.cc", text), IsEmpty());
    EXPECT_THAT(found_in("daemon/x.cc", text), ElementsAre(HasSubstr("the inside of")));
  }
}

TEST(Tidy, ExpensiveHeadersAreIncludedByOneFile) {
  for (const Library& library : libraries()) {
    if (library.max_files != 1) continue;
    const std::string text = "#include <" + std::string(library.headers.at(0)) + "/x.hpp>\n";
    const std::string folder(library.places.at(0));
    EXPECT_THAT(
        violations({read_source(folder + "/a.cc", text), read_source(folder + "/b.cc", text)}),
        ElementsAre(HasSubstr("one of several files")))
        << library.name;
  }
}

TEST(Tidy, UnknownHeadersAreReported) {
  EXPECT_THAT(found_in("base/x.cc", "#include <absl/strings/str_cat.h>\n"), SizeIs(1));
  EXPECT_THAT(found_in("base/x.cc", "#include <curl.h>\n"), SizeIs(1));
  EXPECT_THAT(found_in("base/x.cc", "#include <string>\n#include <sys/stat.h>\n"), IsEmpty());
}

TEST(Tidy, OnlySomePlacesTalkToTheSystem) {
  for (const Layer& layer : layers()) {
    const auto& may = system_places();
    const bool is_granted = std::find(may.begin(), may.end(), layer.folder) != may.end();
    EXPECT_THAT(found_in(std::string(layer.folder) + "/x.cc", "#include <unistd.h>\n"),
                SizeIs(is_granted ? 0 : 1));
  }
}

// ---- words

/// A use of the banned word, as code would have it.
std::string use_of(const Ban& ban) {
  const std::string word(ban.word);
  switch (ban.how) {
    case Ban::How::name:
      return "auto x = std::" + word + "(1);\n";
    case Ban::How::call:
      return "auto x = " + word + "(nullptr);\n";
    case Ban::How::static_call:
      return "using C = std::chrono::steady_clock;\nauto x = C::" + word + "();\n";
    case Ban::How::literal_part:
      return "auto x = folder + \"" + word + "\";\n";
  }
  return {};
}

TEST(Tidy, EveryBannedWordIsFoundWhereItIsBannedAndOnlyThere) {
  for (const Ban& ban : bans()) {
    EXPECT_THAT(found_in(outside(ban.places), use_of(ban)), ElementsAre(HasSubstr(ban.word)));
    EXPECT_THAT(found_in(inside(ban.places), use_of(ban)), IsEmpty()) << ban.word;
  }
}

TEST(Tidy, CommentsAreNoCode) {
  for (const Ban& ban : bans()) {
    const std::string line =
        "x = 1;  // " + use_of(ban).substr(use_of(ban).rfind('=')) + "y = 2;\n";
    EXPECT_THAT(found_in(outside(ban.places), line), IsEmpty()) << line;
    EXPECT_THAT(found_in(outside(ban.places), "/* " + use_of(ban) + " */"), IsEmpty()) << ban.word;
  }
  EXPECT_THAT(found_in("spec/x.cc", "// #include \"net/url.h\"\n/*\n#include <zstd.h>\n*/\n"),
              IsEmpty());
  EXPECT_THAT(found_in("spec/x.cc", "// goes on \\\nsleep(1);\n"), IsEmpty());
}

TEST(Tidy, LiteralsAreNoCode) {
  const char* quotes = "f(\"sleep(1)\", \"\\\"sleep(1)\", 'a', '\"', \"sleep(1)\");";
  EXPECT_THAT(found_in("spec/x.cc", quotes), IsEmpty());
  EXPECT_THAT(found_in("spec/x.cc", "f(R\"sql(\nsleep(1);\n)sql\");"), IsEmpty());
  EXPECT_THAT(found_in("spec/x.cc", "f(R\"(\n)\"); sleep(1);"), ElementsAre(HasSubstr(":2:")));
  EXPECT_THAT(found_in("spec/x.cc", "x = 1'000; sleep(1'000);"), SizeIs(1));
  EXPECT_THAT(found_in("spec/x.cc", "x = '\\''; sleep(1); y = '\"';"), SizeIs(1));
}

TEST(Tidy, CallsAreToldFromMembersAndDeclarations) {
  for (const char* text :
       {"row.time(1);", "row->time(1);", "WallTime time(int);", "Time Row::time(int) {",
        "Result<std::map<A, B*>> open(P);", "specd::time(1);", "x.sleep();", "f(time);"}) {
    EXPECT_THAT(found_in("api/x.cc", text), IsEmpty()) << text;
  }
  for (const char* text :
       {"time(0);", "::time(0);", "std::time(0);", "return time(0);", "return ::time(0);",
        "x = a + time(0);", "if (time(0)) {", "if (a > time(0)) {", "!sleep(1);"}) {
    EXPECT_THAT(found_in("api/x.cc", text), SizeIs(1)) << text;
  }
}

TEST(Tidy, ClocksAreFoundUnderAnyName) {
  for (const char* clock : {"std::chrono::system_clock", "std::chrono::steady_clock", "Alias"}) {
    EXPECT_THAT(found_in("sync/x.cc", std::string("auto x = ") + clock + "::now();"), SizeIs(1));
  }
  EXPECT_THAT(found_in("sync/x.cc", "std::chrono::steady_clock::time_point x = clock.now();"),
              IsEmpty());
}

}  // namespace
}  // namespace specd::tidy
