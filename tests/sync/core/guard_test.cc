#include "sync/core/guard.h"

#include <gtest/gtest.h>

#include <functional>

namespace specd::sync::core {
namespace {

TEST(GuardScan, F19AMissingRootHoldsEverything) {
  EXPECT_EQ(guard_scan({.is_root_missing = true, .specs_known = 3, .specs_gone = 3}).verdict,
            Verdict::wait);
  EXPECT_EQ(guard_scan({.is_root_missing = true}).verdict, Verdict::wait)
      << "with nothing known as well";
}

TEST(GuardScan, F21AnEmptyMountPointHoldsEverything) {
  EXPECT_EQ(
      guard_scan({.is_root_on_other_device = true, .specs_known = 3, .specs_gone = 1}).verdict,
      Verdict::wait);
  EXPECT_EQ(guard_scan({.has_spec_folder = false, .specs_known = 3, .specs_gone = 3}).verdict,
            Verdict::wait);
}

TEST(GuardScan, F58SpecFoldersGoneAreNotADeletionEvenWhenSeenTwice) {
  EXPECT_EQ(guard_scan(
                {.has_spec_folder = false, .specs_known = 3, .specs_gone = 3, .is_confirmed = true})
                .verdict,
            Verdict::wait);
}

TEST(GuardScan, F22MassLossIsHeldUntilConfirmed) {
  EXPECT_EQ(guard_scan({.specs_known = 41, .specs_gone = 21}).verdict, Verdict::hold);
  EXPECT_EQ(guard_scan({.specs_known = 42, .specs_gone = 21}).verdict, Verdict::go) << "just half";
  EXPECT_EQ(guard_scan({.specs_known = 20, .specs_gone = 20}).verdict, Verdict::go)
      << "not more than 20";
  EXPECT_EQ(guard_scan({.specs_known = 41, .specs_gone = 41, .is_confirmed = true}).verdict,
            Verdict::go);
}

TEST(GuardScan, APersonMayReleaseAllButAMissingRoot) {
  const ScanFacts gone{.specs_known = 41, .specs_gone = 41, .is_released = true};
  EXPECT_EQ(guard_scan(gone).verdict, Verdict::go);
  ScanFacts facts = gone;
  facts.has_spec_folder = false;
  EXPECT_EQ(guard_scan(facts).verdict, Verdict::go);
  facts.is_root_on_other_device = true;
  EXPECT_EQ(guard_scan(facts).verdict, Verdict::go);
  facts.is_root_missing = true;
  EXPECT_EQ(guard_scan(facts).verdict, Verdict::wait);
}

TEST(GuardScan, AnotherDeviceWithEverySpecOnItIsJustAnotherNumber) {
  EXPECT_EQ(guard_scan({.is_root_on_other_device = true, .specs_known = 3}).verdict, Verdict::go);
}

TEST(GuardScan, ANewProjectMayBeEmpty) {
  EXPECT_EQ(guard_scan({.has_spec_folder = false}).verdict, Verdict::go);
  EXPECT_EQ(guard_scan({.is_root_on_other_device = true}).verdict, Verdict::go);
}

TEST(GuardRows, OnlyAPersonReleasesAForeignClientsMassLoss) {
  EXPECT_EQ(guard_rows({.specs_known = 41, .specs_bereft = 21}).verdict, Verdict::hold);
  EXPECT_EQ(guard_rows({.specs_known = 100, .files_emptied = 21}).verdict, Verdict::hold);
  EXPECT_EQ(guard_rows({.specs_known = 100, .files_made_identical = 21}).verdict, Verdict::hold);
  EXPECT_EQ(
      guard_rows(
          {.specs_known = 100, .specs_bereft = 20, .files_emptied = 20, .files_made_identical = 20})
          .verdict,
      Verdict::go);
}

TEST(Guard, EveryRefusalSaysWhy) {
  EXPECT_EQ(guard_scan({.specs_known = 41, .specs_gone = 30}).reason,
            "30 of 41 specs vanished at once; kept until a complete scan at least "
            "ten seconds later finds the same, or a person says so (specd confirm)");
  EXPECT_EQ(guard_rows({.specs_known = 41, .files_emptied = 22}).reason,
            "22 files were emptied in the database at once; not written to disk until a person "
            "says so (specd confirm) or takes it back (specd confirm --revert)");
  EXPECT_EQ(guard_rows({.specs_known = 41, .specs_bereft = 22}).reason.substr(0, 37),
            "files of 22 of 41 specs were deleted ");
  EXPECT_EQ(guard_scan({}).reason, "");
}

// All small combinations against one sentence: what would remove more than half and more than 20
// specs never goes through unconfirmed, and a folder that is not itself never removes anything.
using Guard = std::function<Decision(const ScanFacts&)>;

bool lets_mass_loss_through(const Guard& guard) {
  for (int flags = 0; flags < 16; ++flags) {
    for (size_t known : {0u, 1u, 20u, 21u, 40u, 41u, 42u, 100u}) {
      for (size_t gone : {0u, 1u, 19u, 20u, 21u, 22u, 50u, 51u, 100u}) {
        if (gone > known) continue;
        const ScanFacts facts{.is_root_missing = (flags & 1) != 0,
                              .is_root_on_other_device = (flags & 2) != 0,
                              .has_spec_folder = (flags & 4) != 0,
                              .specs_known = known,
                              .specs_gone = gone,
                              .is_confirmed = (flags & 8) != 0};
        if (guard(facts).verdict != Verdict::go || gone == 0) continue;
        const bool is_mass = gone > 20 && gone * 2 > known;
        if (is_mass && !facts.is_confirmed) return true;
        if (facts.is_root_missing || !facts.has_spec_folder) return true;
        if (facts.is_root_on_other_device && !facts.is_confirmed) return true;
      }
    }
  }
  return false;
}

TEST(Guard, NoCombinationLetsMassLossThrough) {
  EXPECT_FALSE(lets_mass_loss_through(guard_scan));
}

TEST(GuardNegativeControl, BrokenGuardsAreFound) {
  const auto without = [](const std::function<void(ScanFacts&)>& blind) {
    return lets_mass_loss_through([blind](ScanFacts facts) {
      blind(facts);
      return guard_scan(facts);
    });
  };
  EXPECT_TRUE(without([](ScanFacts& f) { f.is_root_missing = false; }));
  EXPECT_TRUE(without([](ScanFacts& f) { f.is_root_on_other_device = false; }));
  EXPECT_TRUE(without([](ScanFacts& f) { f.has_spec_folder = true; }));
  EXPECT_TRUE(without([](ScanFacts& f) { f.is_confirmed = true; }));
  EXPECT_TRUE(without([](ScanFacts& f) { f.specs_known *= 2; }));
  EXPECT_TRUE(without([](ScanFacts& f) { f.specs_gone -= 1; }));
}

}  // namespace
}  // namespace specd::sync::core
