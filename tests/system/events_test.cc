// From a file that is saved to whoever listens to the event stream, through the real program.

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/net/raw_client.h"
#include "tests/support/answers.h"
#include "tests/system/daemon_process.h"

namespace specd {
namespace {

using testing::HasSubstr;

class EventStreamTest : public testing::Test {
 protected:
  EventStreamTest() { put("tasks.md", "- [ ] a\n"); }
  void TearDown() override {
    if (HasFailure()) std::cerr << daemon_.log();
  }

  void put(const std::string& name, const std::string& text) const {
    const std::string path = root_ + "/openspec/changes/x/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path + "~", std::ios::binary) << text;
    std::filesystem::rename(path + "~", path);
  }
  void start() { ASSERT_THAT(daemon_.start({root_}), HasSubstr("ready")); }

  // An open stream, and where in it the client is.
  struct Listener {
    test::RawClient client;
    std::string last_id;

    // The next event. A frame that only moves the position is no event.
    std::string next() {
      for (;;) {
        std::string frame = client.read_until("\n\n");
        const size_t id = frame.find("id: ");
        if (id != std::string::npos) last_id = frame.substr(id + 4, frame.find('\n', id) - id - 4);
        if (frame.empty()) return frame;
        if (const size_t data = frame.find("\ndata: "); data != std::string::npos) {
          test::keep_answer("EVENT", frame.substr(data + 7, frame.size() - data - 9));
          return frame;
        }
      }
    }
  };
  Listener listen(const std::string& fields = "") const {
    Listener listener{daemon_.client(), {}};
    listener.client.send_request("GET", "/api/v1/events", "Accept: text/event-stream\r\n" + fields);
    EXPECT_THAT(listener.client.read_until("\r\n\r\n"), HasSubstr("text/event-stream"));
    if (!fields.empty()) return listener;
    // The first frame says where the stream begins; what happens from here on is told.
    const std::string frame = listener.client.read_until("\n\n");
    const size_t id = frame.find("id: ");
    EXPECT_NE(id, std::string::npos) << frame;
    if (id != std::string::npos)
      listener.last_id = frame.substr(id + 4, frame.find('\n', id) - id - 4);
    return listener;
  }

  /// One that listens. It ends with the connection, which ends with the daemon.
  std::thread curl(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {"curl",
                                        "--noproxy",
                                        "*",
                                        "-sN",
                                        "--max-time",
                                        "10",
                                        "-o",
                                        curl_heard_,
                                        "-H",
                                        "Accept: text/event-stream",
                                        "--oauth2-bearer",
                                        daemon_.token()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back("http://127.0.0.1:" + std::to_string(daemon_.port()) + "/api/v1/events");
    return std::thread([this, command] { (void)daemon_.run(command); });
  }
  [[nodiscard]] bool curl_hears(const std::string& what) const {
    return test::comes_true([&] {
      std::ifstream in(curl_heard_);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      return text.find(what) != std::string::npos;
    });
  }

  test::DaemonProcess daemon_;
  const std::string root_ = daemon_.folder() + "/app";
  const std::string curl_heard_ = daemon_.folder() + "/heard";
};

TEST_F(EventStreamTest, ASavedFileIsToldOnceWithWhatItChanged) {
  start();
  Listener listener = listen();
  put("tasks.md", "- [x] a\n- [ ] b\n");
  const std::string ticked = listener.next();
  EXPECT_THAT(ticked, HasSubstr("event: spec.updated\n"));
  EXPECT_THAT(ticked, HasSubstr("openspec/changes/x/tasks.md"));
  EXPECT_THAT(ticked, HasSubstr(R"("tasks_done":1)"));
  EXPECT_THAT(ticked, HasSubstr(R"("tasks_total":2)"));
  put("tasks.md", "- [x] a\n- [ ] b\n");  // the same again: nothing to tell
  put("proposal.md", "# New\n");
  EXPECT_THAT(listener.next(), HasSubstr("openspec/changes/x/proposal.md"));
}

TEST_F(EventStreamTest, ACheckoutIsOneBatchAndEveryEventIsAsTheDocumentSays) {
  start();
  Listener listener = listen();
  const auto folder = [&](int i) { return root_ + "/openspec/changes/c" + std::to_string(i); };
  EXPECT_EQ(daemon_.specd({"pause", "app"}).exit_code, 0);
  EXPECT_THAT(listener.next(), HasSubstr("event: project.state\n"));
  for (int i = 0; i < 30; ++i) {
    std::filesystem::create_directories(folder(i));
    std::ofstream(folder(i) + "/proposal.md") << "# Change " << i << "\n";
  }
  EXPECT_EQ(daemon_.specd({"resume", "app"}).exit_code, 0);
  EXPECT_THAT(listener.next(), HasSubstr("event: project.state\n"));
  const std::string batch = listener.next();
  EXPECT_THAT(batch, HasSubstr("event: specs.batch\n"));
  EXPECT_THAT(batch, HasSubstr("\"count\":30,"));
  EXPECT_THAT(batch, HasSubstr("\"title\":\"Change 29\""));
  std::filesystem::rename(folder(1), folder(100));
  EXPECT_THAT(listener.next(), HasSubstr("event: spec.renamed\n"));
  std::ofstream(folder(2) + "/proposal.md", std::ios::binary) << "\xff\xfe broken \0 text\n";
  std::filesystem::remove_all(folder(3));
  std::string heard;
  for (int i = 0; i < 5 && heard.find("spec.deleted") == std::string::npos; ++i)
    heard += listener.next();
  EXPECT_THAT(heard, HasSubstr("event: spec.deleted\n"));
}

TEST_F(EventStreamTest, ACurlThatListensHearsASave) {
  start();
  std::thread curl = this->curl();
  EXPECT_TRUE(curl_hears("id: "));
  put("tasks.md", "- [x] a\n");
  EXPECT_TRUE(curl_hears("event: spec.updated"));
  daemon_.stop(SIGTERM);
  curl.join();
}

TEST_F(EventStreamTest, ACurlThatBringsAnIdHearsWhatCameAfterAndGoesOn) {
  start();
  Listener before = listen();
  const std::string last_id = before.last_id;
  put("tasks.md", "- [x] a\n");
  EXPECT_THAT(before.next(), HasSubstr("tasks.md"));
  std::thread curl = this->curl({"-H", "Last-Event-ID: " + last_id});
  EXPECT_TRUE(curl_hears("/tasks.md"));
  put("proposal.md", "# New\n");
  EXPECT_TRUE(curl_hears("/proposal.md"));
  daemon_.stop(SIGTERM);
  curl.join();
}

TEST_F(EventStreamTest, WhoComesBackWithTheLastIdHearsWhatItMissedEvenAcrossAKill) {
  start();
  Listener first = listen();
  put("tasks.md", "one\n");
  EXPECT_THAT(first.next(), HasSubstr("spec.updated"));
  daemon_.stop(SIGKILL);
  put("tasks.md", "two\n");
  put("proposal.md", "# New\n");
  start();
  Listener again = listen("Last-Event-ID: " + first.last_id + "\r\n");
  const std::string missed = again.next();
  EXPECT_THAT(missed, HasSubstr("event: spec.updated\n"));
  EXPECT_THAT(missed, HasSubstr("tasks.md"));
  EXPECT_THAT(missed, HasSubstr("proposal.md"));
  put("tasks.md", "three\n");
  EXPECT_THAT(again.next(), HasSubstr("tasks.md"));
  EXPECT_EQ(first.last_id.substr(0, first.last_id.find('-')),
            again.last_id.substr(0, again.last_id.find('-')))
      << "a crash of the daemon alone is no new epoch";
}

}  // namespace
}  // namespace specd
