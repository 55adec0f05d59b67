#include "daemon/certificate.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/fake/fake_clock.h"
#include "tests/support/certificate.h"
#include "tests/support/must.h"

namespace specd::daemon {
namespace {

using test::Certificate;
using test::must;

class RenewedIdentityTest : public testing::Test {
 protected:
  RenewedIdentityTest() {
    put(first_.file(), files_.certificate);
    put(first_.key(), files_.key);
    renewed_ = must(RenewedIdentity::load(files_, clock_));
  }
  static void put(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
  /// The name in the certificate that a client would get now.
  std::string name() { return renewed_->current()->a_name(); }
  /// The same, when it is time to look again.
  std::string next_name() {
    clock_.advance(RenewedIdentity::kLookEvery);
    return name();
  }

  const Certificate first_{"DNS:first.example"}, second_{"DNS:second.example"};
  const test::TempDir folder_;
  const net::TlsFiles files_{.certificate = folder_.file("c.pem"), .key = folder_.file("k.pem")};
  FakeClock clock_;
  std::optional<RenewedIdentity> renewed_;
};

TEST_F(RenewedIdentityTest, APairIsTakenWhenBothAreThereAndNotBefore) {
  EXPECT_EQ(next_name(), "first.example");
  const auto before = renewed_->current();
  EXPECT_EQ(renewed_->current(), before) << "nothing is loaded twice";
  put(second_.file(), files_.certificate);
  EXPECT_EQ(next_name(), "first.example") << "its key is another's";
  put(second_.key(), files_.key);
  EXPECT_EQ(name(), "first.example") << "nobody looks yet";
  EXPECT_EQ(next_name(), "second.example");
}

TEST_F(RenewedIdentityTest, WhatCannotBeUsedLeavesWhatWas) {
  std::filesystem::remove(files_.certificate);
  EXPECT_EQ(next_name(), "first.example");
  std::ofstream(files_.certificate) << "half of a certifi";
  EXPECT_EQ(next_name(), "first.example");
  put(second_.file(), files_.certificate);
  put(second_.key(), files_.key);
  ASSERT_EQ(chmod(files_.key.c_str(), 0644), 0);
  EXPECT_EQ(next_name(), "first.example") << "others can read its key";
  ASSERT_EQ(chmod(files_.key.c_str(), 0600), 0);
  EXPECT_EQ(next_name(), "second.example");
}

TEST_F(RenewedIdentityTest, AFileThatWasPutInThePlaceOfAnotherIsSeen) {
  put(second_.key(), files_.key);
  std::filesystem::create_symlink(second_.file(), folder_.file("link"));
  std::filesystem::rename(folder_.file("link"), files_.certificate);
  EXPECT_EQ(next_name(), "second.example");
}

}  // namespace
}  // namespace specd::daemon
