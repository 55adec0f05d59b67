#include "net/tls.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/thread.h"
#include "net/http_client.h"
#include "tests/net/desk_fixture.h"
#include "tests/support/certificate.h"
#include "tests/support/must.h"

namespace specd::net {
namespace {

using std::chrono::milliseconds;
using test::Certificate;
using test::comes_true;
using test::must;
using test::RawClient;
using testing::HasSubstr;

std::shared_ptr<const TlsIdentity> identity(const Certificate& certificate) {
  return must(TlsIdentity::load({certificate.file(), certificate.key()}));
}

TEST(TlsIdentityTest, KnowsItsNamesAndHowLongItHolds) {
  const Certificate certificate("DNS:*.specs.example,DNS:specs.example,IP:127.0.0.1,IP:::1");
  const auto found = identity(certificate);
  for (const char* name : {"specs.example", "a.specs.example", "127.0.0.1", "::1", "SPECS.example"})
    EXPECT_TRUE(found->covers(name)) << name;
  for (const char* name : {"", "localhost", "127.0.0.2", "a.b.specs.example", "evil.example"})
    EXPECT_FALSE(found->covers(name)) << name;
  EXPECT_EQ(found->a_name(), "specs.example") << "one that is no pattern";
  const WallTime now = system_clock().wall();
  EXPECT_TRUE(found->holds_at(now));
  EXPECT_FALSE(found->holds_at(now + std::chrono::hours(25)));
  EXPECT_FALSE(found->holds_at(now - std::chrono::hours(25)));
  EXPECT_FALSE(identity(Certificate("DNS:x", -1))->holds_at(now));
  EXPECT_EQ(identity(Certificate("IP:127.0.0.1"))->a_name(), "");
}

TEST(TlsIdentityTest, WhatCannotBeUsedIsToldWithItsFile) {
  const Certificate one("DNS:x"), other("DNS:x");
  const auto refused = [](const std::string& certificate, const std::string& key) {
    const auto loaded = TlsIdentity::load({certificate, key});
    return loaded ? "taken" : loaded.error().message;
  };
  EXPECT_EQ(refused("/nowhere.pem", one.key()), "/nowhere.pem: No such file or directory");
  EXPECT_EQ(refused(one.file(), "/nowhere.pem"), "/nowhere.pem: No such file or directory");
  EXPECT_EQ(refused(one.file(), other.key()), other.key() + ": is not the key of " + one.file());
  EXPECT_THAT(refused(one.key(), one.key()), HasSubstr(one.key() + ": no start line"));
  EXPECT_THAT(refused(one.file(), one.file()), HasSubstr(one.file() + ": "));
  EXPECT_THAT(refused(one.file(), one.locked_key()), HasSubstr("passphrase"));
  EXPECT_EQ(refused(one.file(), one.key()), "taken") << "no failure is left from before";
}

class TlsTest : public DeskTest {
 protected:
  void open_tls(FrontDeskOptions options = {}) {
    options.tls = identity(certificate_);
    open(std::move(options));
  }
  [[nodiscard]] HttpClient::Options options() const {
    return {.port = desk_->port(), .is_tls = true, .certificate = certificate_.file()};
  }
  [[nodiscard]] std::string failure_of(const HttpClient::Options& options) const {
    const auto answer = HttpClient(options).get("/hello");
    if (answer) return "answered " + std::to_string(answer->status);
    EXPECT_EQ(answer.error().code, Code::refused);
    return answer.error().message;
  }

  const Certificate certificate_{"DNS:localhost,IP:127.0.0.1,DNS:specs.example"};
};

TEST_F(TlsTest, AServerWithoutTlsIsToldInWords) {
  open();
  EXPECT_EQ(failure_of({.port = desk_->port(), .is_tls = true}),
            "127.0.0.1:" + std::to_string(desk_->port()) +
                " does not speak TLS as we do: if it speaks none, ask http:// instead of https://");
}

TEST_F(TlsTest, RequestsAndAnswersPassWhole) {
  open_tls();
  const HttpClient client(options());
  EXPECT_EQ(must(client.get("/hello")).body, "hello");
  const std::string body(size_t{3} << 20, 'b');
  EXPECT_EQ(must(client.post("/echo", body)).body, body);
  EXPECT_EQ(must(client.get("/big")).body.size(), size_t{8} << 20);
  EXPECT_EQ(must(client.get("/files/a%20b")).body, "a b");
  EXPECT_TRUE(comes_true([&] { return desk_->stats().connections == 0; }));
}

TEST_F(TlsTest, RefusalsArriveThoughTheClientIsStillSending) {
  open_tls({.body_limit = 1000});
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(must(HttpClient(options()).post("/echo", std::string(200'000, 'b'))).status, 413);
}

TEST_F(TlsTest, OnlyTheCertificateThatWasNamedIsTrusted) {
  open_tls();
  const Certificate other("DNS:localhost,IP:127.0.0.1");
  auto wrong = options();
  wrong.certificate = other.file();
  EXPECT_THAT(failure_of(wrong), HasSubstr("another certificate than " + other.file()));
  wrong.certificate = "";
  EXPECT_THAT(failure_of(wrong), HasSubstr("one that this machine trusts"));
  wrong.certificate = "/nowhere.pem";
  EXPECT_THAT(failure_of(wrong), HasSubstr("/nowhere.pem"));
  auto misnamed = options();
  misnamed.host = "evil.example";
  misnamed.connect_to = "127.0.0.1";
  EXPECT_THAT(failure_of(misnamed), HasSubstr("another name"));
  auto renamed = options();
  renamed.host = "specs.example";
  renamed.connect_to = "127.0.0.1";
  EXPECT_EQ(failure_of(renamed), "answered 200") << "the name is the certificate's";
}

TEST_F(TlsTest, ACertificateThatAnotherHasSignedIsTrustedByItself) {
  // The issuer is not in the file, as is usual with a public authority.
  const Certificate issuer("DNS:issuer"), signed_one("IP:127.0.0.1", issuer);
  open({.tls = identity(signed_one)});
  auto trusting = options();
  trusting.certificate = signed_one.file();
  EXPECT_EQ(failure_of(trusting), "answered 200");
}

TEST_F(TlsTest, EventStreamsAreReadToTheirEnd) {
  open_tls();
  HttpStream stream(options());
  std::string heard;
  std::atomic<bool> is_over = false;
  Thread reader("reader", [&] {
    const auto done = stream.read("/events", [&](std::string_view bytes) { heard.append(bytes); });
    EXPECT_TRUE(done) << done.error().message;
    is_over = true;
  });
  ASSERT_TRUE(comes_true([&] { return desk_->stats().streams == 1; }));
  on_loop([&] {
    EXPECT_TRUE(streams_.at(0)->write(std::string(100'000, 'x') + "!"));
    streams_.at(0)->close();
  });
  EXPECT_TRUE(comes_true([&] { return is_over.load(); }));
  EXPECT_EQ(heard, ": welcome\n\n" + std::string(100'000, 'x') + "!");
}

TEST_F(TlsTest, OwnersHearThatAListenerHasGone) {
  open_tls();
  HttpStream stream(options());
  Thread reader("reader", [&] { (void)stream.read("/events", [](std::string_view) {}); });
  ASSERT_TRUE(comes_true([&] { return desk_->stats().streams == 1; }));
  stream.stop();
  EXPECT_TRUE(comes_true([&] { return closed_ == 1; }));
}

TEST_F(TlsTest, WhoSpeaksPlainHttpIsToldSo) {
  open_tls();
  RawClient client = this->client();
  const auto answer = client.get("/hello");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"tls_only\""));
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(desk_->stats().requests, 0u) << "nothing of it was served";
}

TEST_F(TlsTest, WhatIsNoHandshakeIsClosed) {
  open_tls();
  RawClient garbage = client();
  garbage.send(std::string("\x16\x03\x01\x00\x05", 5) + "hello");
  (void)garbage.read_until("never");
  EXPECT_TRUE(comes_true([&] { return desk_->stats().connections == 0; }));
  EXPECT_EQ(must(HttpClient(options()).get("/hello")).status, 200);
}

TEST_F(TlsTest, AHandshakeThatDoesNotComeHoldsUpNobodyAndIsGivenUp) {
  open_tls({.read_limit = milliseconds(300)});
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<RawClient>(desk_->port()));
    silent.back()->send("\x16\x03");
  }
  EXPECT_EQ(must(HttpClient(options()).get("/hello")).status, 200);
  for (const auto& client : silent) EXPECT_TRUE(client->is_ended());
  EXPECT_TRUE(comes_true([&] { return desk_->stats().connections == 0; }));
}

TEST_F(TlsTest, HandshakesThatDoNotComeShutNobodyOut) {
  open_tls({.max_connections = 8});
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 30; ++i) {
    silent.push_back(std::make_unique<RawClient>(desk_->port()));
    silent.back()->send("\x16\x03");
    EXPECT_EQ(must(HttpClient(options()).get("/hello")).status, 200) << i;
  }
  EXPECT_TRUE(silent.front()->is_ended());
}

TEST_F(TlsTest, TooManyConnectionsAreToldThroughTls) {
  open_tls({.max_connections = 1});
  HttpStream stream(options());
  Thread reader("reader", [&] { (void)stream.read("/events", [](std::string_view) {}); });
  ASSERT_TRUE(comes_true([&] { return desk_->stats().streams == 1; }));
  const auto answer = must(HttpClient(options()).get("/hello"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.get("retry-after"), "1");
  stream.stop();
}

TEST_F(TlsTest, StopsWithinASecondWhateverIsOpen) {
  open_tls();
  RawClient half = client();
  half.send("\x16\x03\x01");
  HttpStream stream(options());
  Thread reader("reader", [&] { (void)stream.read("/events", [](std::string_view) {}); });
  ASSERT_TRUE(comes_true([&] { return desk_->stats().streams == 1; }));
  const auto before = std::chrono::steady_clock::now();
  desk_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(1500));
  EXPECT_EQ(closed_, 1u);
}

TEST_F(TlsTest, OtherAddressesAreServed) {
  open_tls({.host = "0.0.0.0"});
  EXPECT_EQ(must(HttpClient(options()).get("/hello")).status, 200);
}

TEST_F(TlsTest, BehindAProxyOtherAddressesAreServedAndItsNamesAreOurs) {
  open({.host = "0.0.0.0", .hosts = {"specs.example"}, .is_behind_proxy = true});
  const auto status = [&](const std::string& host, const std::string& origin) {
    RawClient client = this->client();
    client.send("POST /echo HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
                "\r\nContent-Length: 2\r\n\r\nhi");
    return client.read_response().status;
  };
  EXPECT_EQ(status("specs.example", "https://specs.example"), 200);
  EXPECT_EQ(status("specs.example", "http://specs.example"), 200);
  EXPECT_EQ(status("specs.example", "https://evil.example"), 403);
  EXPECT_EQ(status("evil.example", "https://evil.example"), 421);
  EXPECT_EQ(status(client().host(), "http://" + client().host()), 200);
  EXPECT_EQ(status(client().host(), "https://specs.example"), 403);
}

}  // namespace
}  // namespace specd::net
