#include "net/url.h"
#include "tests/api/api_fixture.h"

namespace specd::api {
namespace {

class ApiFilesTest : public ApiTest {
 protected:
  void put(const std::string& file, const std::string& content) {
    writing([&] { ASSERT_TRUE(pull(file, content)); });
  }
  static std::string address(const std::string& file) {
    return "/api/v1/projects/alpha/files/" + net::url::encode_path(file);
  }
};

TEST_F(ApiFilesTest, ServesTheBytesAsTheyAre) {
  const std::string text = "# Tasks\r\n\r\n- [ ] caf\xC3\xA9";
  put(path("a", "tasks.md"), text);
  const auto answer = get(address(path("a", "tasks.md")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, text);
  EXPECT_EQ(answer.headers.at("Content-Type"), "text/markdown; charset=utf-8");
  EXPECT_EQ(answer.headers.at("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.headers.at("ETag"), "\"" + sha256(text).hex() + "\"");
}

TEST_F(ApiFilesTest, ServesEveryByteValueAndTheEmptyFile) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  put(path("a", "image.png"), every);
  put(path("a", "empty.md"), "");
  const auto binary = get(address(path("a", "image.png")));
  EXPECT_EQ(binary.body, every);
  EXPECT_EQ(binary.headers.at("Content-Type"), "application/octet-stream");
  const auto empty = get(address(path("a", "empty.md")));
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "");
}

TEST_F(ApiFilesTest, TypesFollowTheContentToo) {
  put(path("a", "latin1.md"), "caf\xE9");
  put(path("a", "nul.txt"), std::string("a\0b", 3));
  put(path("a", "page.html"), "<script>alert(1)</script>");
  EXPECT_EQ(get(address(path("a", "latin1.md"))).headers.at("Content-Type"),
            "application/octet-stream");
  EXPECT_EQ(get(address(path("a", "nul.txt"))).headers.at("Content-Type"),
            "application/octet-stream");
  EXPECT_EQ(get(address(path("a", "page.html"))).headers.at("Content-Type"),
            "text/plain; charset=utf-8");
}

TEST_F(ApiFilesTest, NamesMayHoldAnything) {
  for (const std::string name : {"with space.md", "100%.md", "a?b#c&d=e.md", "caf\xC3\xA9.md",
                                 "latin\xE9.md", "new\nline.md", "plus+.md", "%2e%2e", "a%2fb"}) {
    put(path("a", name), "content of " + name);
    EXPECT_EQ(get(address(path("a", name))).body, "content of " + name) << name;
  }
}

TEST_F(ApiFilesTest, LongPathsAreServed) {
  const std::string file = path("a", std::string(200, 'd') + "/" + std::string(3000, 'x') + ".md");
  put(file, "deep");
  EXPECT_EQ(get(address(file)).body, "deep");
}

TEST_F(ApiFilesTest, UnchangedFileIsNotSentAgain) {
  put(path("a", "tasks.md"), "one");
  const std::string etag = get(address(path("a", "tasks.md"))).headers.at("ETag");
  for (const std::string& condition : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const auto answer = get(address(path("a", "tasks.md")), "If-None-Match: " + condition + "\r\n");
    EXPECT_EQ(answer.status, 304) << condition;
    EXPECT_EQ(answer.headers.at("ETag"), etag);
  }
  put(path("a", "tasks.md"), "two");
  const auto answer = get(address(path("a", "tasks.md")), "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "two");
}

TEST_F(ApiFilesTest, HeadSaysWhatGetWouldSend) {
  put(path("a", "tasks.md"), "12345");
  test::RawClient client = this->client();
  client.send_request("HEAD", address(path("a", "tasks.md")));
  const auto head = client.read_response(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("Content-Length"), "5");
  EXPECT_EQ(client.get(address(path("a", "tasks.md"))).body, "12345");
}

TEST_F(ApiFilesTest, NothingOutsideTheDatabaseIsReached) {
  put(path("a", "tasks.md"), "one");
  writing([&] {
    store::must(tables().files.soft_delete(project_, path("a", "tasks.md"),
                                           rev(path("a", "tasks.md")), store::kNow));
  });
  const std::string base = "/api/v1/projects/alpha/files/";
  for (const std::string& target :
       {address(path("a", "tasks.md")), address(path("a", "none.md")), base,
        base + "../../../../etc/passwd", base + "%2e%2e/%2e%2e/etc/passwd",
        base + "%2fetc%2fpasswd", base + "/etc/passwd", base + "openspec//changes",
        base + "openspec/%00", base + "openspec/changes/a/./tasks.md",
        base + "openspec/changes/b/../a/tasks.md", std::string("/api/v1/projects/none/files/x")}) {
    expect_problem(get(target), 404, "not_found");
  }
}

TEST_F(ApiFilesTest, LooksAtTheDiskBeforeItReads) {
  put(path("a", "tasks.md"), "stale");
  before_read_ = [&](const store::Project& project, const std::string& file) {
    EXPECT_EQ(project.slug, "alpha");
    EXPECT_EQ(file, path("a", "tasks.md"));
    put(file, "fresh");
  };
  EXPECT_EQ(get(address(path("a", "tasks.md"))).body, "fresh");
}

}  // namespace
}  // namespace specd::api
