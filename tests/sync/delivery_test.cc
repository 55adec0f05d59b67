#include "sync/delivery.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/fd.h"
#include "tests/fake/hook_ops.h"
#include "tests/support/must.h"
#include "tests/support/temp_dir.h"

namespace specd::sync {
namespace {

using test::must;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Call = HookOps::Call;

constexpr int64_t kMaxBytes = 1 << 20;
const std::string kSpec = "openspec/changes/a";
const std::string kFile = kSpec + "/tasks.md";

/// One file of one spec, on the real disk.
class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    std::filesystem::create_directories(at(kSpec));
    std::filesystem::create_directories(dir_.path() + "/state");
    ops_ = std::make_unique<HookOps>(must(posix_file_ops(at(""))));
    area_.emplace(*ops_, dir_.path() + "/state", "uuid");
    area_->open();
    write(kFile, "base");
  }

  [[nodiscard]] std::string at(const std::string& path) const {
    return dir_.path() + "/project/" + path;
  }
  void write(const std::string& path, const std::string& text) const {
    std::ofstream(at(path), std::ios::binary) << text;
  }
  [[nodiscard]] std::string read(const std::string& path) const {
    std::ifstream file(at(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] size_t staged() const {
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(dir_.path() + "/state/staging/uuid"))
      ++files;
    return files;
  }
  [[nodiscard]] std::string left_over(const Delivery& delivery) const {
    const StagedFile& file = delivery.left_over().at(0);
    const std::string folder =
        file.folder.empty() ? dir_.path() + "/state/staging/uuid" : at(file.folder);
    std::ifstream in(folder + "/" + file.name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] PushOrder order(std::optional<std::string> content,
                                std::optional<std::string> base = "base",
                                const std::string& path = kFile) const {
    struct stat st{};
    EXPECT_EQ(::stat(at(kSpec).c_str(), &st), 0);
    PushOrder order{.path = path, .spec_dir = kSpec, .dir_dev = st.st_dev, .dir_ino = st.st_ino};
    if (base) order.base = sha256(*base);
    order.content = std::move(content);
    return order;
  }
  std::unique_ptr<Delivery> delivery(PushOrder order) {
    return std::make_unique<Delivery>(*ops_, *area_, std::move(order), StagingArea::nonce(random_),
                                      kMaxBytes);
  }
  std::string refusal(PushOrder order) {
    auto prepared = delivery(std::move(order))->prepare();
    return prepared ? "" : prepared.error().message;
  }

  test::TempDir dir_;
  SeededRandom random_{1};
  std::unique_ptr<HookOps> ops_;
  std::optional<StagingArea> area_;
};

TEST_F(DeliveryTest, F35PutsAContentInTheFilesPlaceAndKeepsWhatItDisplaced) {
  std::filesystem::permissions(at(kFile), std::filesystem::perms(0640));
  const auto push = delivery(order("ours"));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(read(kFile), "base") << "nothing is seen of it yet";
  EXPECT_EQ(must(push->put()).what, Swap::done);
  must(push->make_durable());
  EXPECT_EQ(read(kFile), "ours");
  EXPECT_EQ(std::filesystem::status(at(kFile)).permissions(), std::filesystem::perms(0640));
  EXPECT_EQ(left_over(*push), "base");
}

TEST_F(DeliveryTest, LeavesNothingBehindThatWasNeverPut) {
  {
    const auto push = delivery(order("ours"));
    EXPECT_EQ(must(push->prepare()), Swap::done);
    EXPECT_EQ(staged(), 1u);
  }
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DeliveryTest, F36FindsAFileThatIsNotWhatItWas) {
  {
    const auto push = delivery(order("ours"));
    EXPECT_EQ(must(push->prepare()), Swap::done);
    write(kFile, "theirs");
    EXPECT_EQ(must(push->put()).what, Swap::overtaken);
    EXPECT_THAT(push->left_over(), IsEmpty());
  }
  EXPECT_EQ(read(kFile), "theirs");
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DeliveryTest, F39WaitsForWhoeverIsWriting) {
  const Fd writer(::open(at(kFile).c_str(), O_WRONLY));
  {
    const auto push = delivery(order("ours"));
    EXPECT_EQ(must(push->prepare()), Swap::done);
    EXPECT_EQ(must(push->put()).what, Swap::busy);
  }
  EXPECT_EQ(read(kFile), "base");
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DeliveryTest, MakesANewFileAsReadableAsItsFolder) {
  std::filesystem::permissions(at(kSpec), std::filesystem::perms(0750));
  const std::string path = kSpec + "/specs/deep/spec.md";
  const auto push = delivery(order("new", std::nullopt, path));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(must(push->put()).what, Swap::done);
  must(push->make_durable());
  EXPECT_EQ(read(path), "new");
  EXPECT_THAT(push->left_over(), IsEmpty());
  EXPECT_EQ(staged(), 0u);
  const std::string flat = kSpec + "/notes.md";
  const auto other = delivery(order("new", std::nullopt, flat));
  EXPECT_EQ(must(other->prepare()), Swap::done);
  EXPECT_EQ(must(other->put()).what, Swap::done);
  EXPECT_EQ(std::filesystem::status(at(flat)).permissions(), std::filesystem::perms(0640));
}

TEST_F(DeliveryTest, DoesNotTouchAFileThatIsThereAlready) {
  const auto push = delivery(order("new", std::nullopt));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(must(push->put()).what, Swap::overtaken);
  EXPECT_EQ(read(kFile), "base");
}

TEST_F(DeliveryTest, TakesAFileAwayAndKeepsIt) {
  const auto push = delivery(order(std::nullopt));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(must(push->put()).what, Swap::done);
  EXPECT_FALSE(std::filesystem::exists(at(kFile)));
  EXPECT_EQ(left_over(*push), "base");
}

TEST_F(DeliveryTest, F46LeavesAFileThatWasEditedWhereItIs) {
  const auto push = delivery(order(std::nullopt));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  write(kFile, "theirs");
  EXPECT_EQ(must(push->put()).what, Swap::overtaken);
  EXPECT_EQ(read(kFile), "theirs");
}

TEST_F(DeliveryTest, F47NeverMakesASpecsFolderAgain) {
  const PushOrder gone = order("ours");
  const PushOrder created = order("new", std::nullopt, kSpec + "/new.md");
  std::filesystem::rename(at(kSpec), at("openspec/moved"));
  EXPECT_EQ(must(delivery(gone)->prepare()), Swap::overtaken);
  EXPECT_EQ(must(delivery(created)->prepare()), Swap::overtaken);
  std::filesystem::create_directories(at(kSpec));
  write(kFile, "base");
  EXPECT_EQ(must(delivery(gone)->prepare()), Swap::overtaken) << "another folder by that name";
}

TEST_F(DeliveryTest, F47WritesIntoASpecThatIsMovedAtThatMoment) {
  const auto push = delivery(order("ours"));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  std::filesystem::rename(at(kSpec), at("openspec/moved"));
  EXPECT_EQ(must(push->put()).what, Swap::done);
  EXPECT_EQ(read("openspec/moved/tasks.md"), "ours");
  EXPECT_FALSE(std::filesystem::exists(at(kSpec)));
}

TEST_F(DeliveryTest, F42SaysWhyAFileIsNotWritten) {
  std::filesystem::permissions(at(kFile), std::filesystem::perms(0444));
  EXPECT_THAT(refusal(order("ours")), HasSubstr("write-protected"));
  std::filesystem::permissions(at(kFile), std::filesystem::perms(0644));
  std::filesystem::create_hard_link(at(kFile), at("openspec/twin.md"));
  EXPECT_THAT(refusal(order("ours")), HasSubstr("hard links"));
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DeliveryTest, F44WritesThroughALinkToWhatItLeadsTo) {
  std::filesystem::create_directories(at("openspec/shared"));
  write("openspec/shared/t.md", "base");
  std::filesystem::remove(at(kFile));
  std::filesystem::create_symlink("../../shared/t.md", at(kFile));
  const auto push = delivery(order("ours"));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(must(push->put()).what, Swap::done);
  EXPECT_TRUE(std::filesystem::is_symlink(at(kFile)));
  EXPECT_EQ(read("openspec/shared/t.md"), "ours");
}

TEST_F(DeliveryTest, F44DoesNotFollowALinkOutOfTheSpecs) {
  std::ofstream(at("secret")) << "base";
  std::filesystem::remove(at(kFile));
  std::filesystem::create_symlink("../../../secret", at(kFile));
  EXPECT_THAT(refusal(order("ours")), HasSubstr("a link out of the spec folders"));
}

TEST_F(DeliveryTest, ExchangesThroughANameBesideItWhereTheFileSystemCannot) {
  ops_->before([](Call call) -> std::optional<Error> {
    if (call != Call::exchange) return std::nullopt;
    return Error{Code::io, "no", EINVAL};
  });
  const auto push = delivery(order("ours"));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_EQ(must(push->put()).what, Swap::done);
  EXPECT_EQ(read(kFile), "ours");
  EXPECT_EQ(left_over(*push), "base");
  EXPECT_EQ(staged(), 0u);
}

TEST_F(DeliveryTest, WhatAnErrorLeftIsToldForWhoeverJudgesIt) {
  ops_->before([](Call call) -> std::optional<Error> {
    if (call != Call::stat_entry) return std::nullopt;
    return Error{Code::io, "look at it: no", EIO};
  });
  const auto push = delivery(order("ours"));
  EXPECT_EQ(must(push->prepare()), Swap::done);
  EXPECT_FALSE(push->put());
  EXPECT_EQ(read(kFile), "ours") << "the exchange was done when the call failed";
  ASSERT_THAT(push->left_over(), SizeIs(1));
  EXPECT_EQ(left_over(*push), "base");
}

}  // namespace
}  // namespace specd::sync
