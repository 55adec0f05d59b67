#include "base/digest.h"

#include <gtest/gtest.h>

namespace specd {
namespace {

// FIPS 180-4 examples.
TEST(Digest, Sha256OfTheStandardsExamples) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, RawBytesRoundTripAndWrongSizesAreRefused) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(Digest::from_bytes(digest.view()), digest);
  EXPECT_EQ(Digest::from_bytes("abc"), std::nullopt);
}

TEST(Digest, EqualInConstantTimeIsEqualWhereverTheyDiffer) {
  const Digest digest = sha256("abc");
  EXPECT_TRUE(is_equal_in_constant_time(digest, sha256("abc")));
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    Digest other = digest;
    other.bytes[i] ^= 1;
    EXPECT_FALSE(is_equal_in_constant_time(digest, other)) << i;
  }
}

}  // namespace
}  // namespace specd
