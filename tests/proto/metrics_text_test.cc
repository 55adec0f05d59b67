#include "proto/metrics_text.h"

#include <gtest/gtest.h>

namespace specd::proto {
namespace {

using Type = MetricsText::Type;
using std::chrono::microseconds;

TEST(MetricsTextTest, SamplesFollowWhatTheyAre) {
  MetricsText text;
  text.begin("a_total", Type::counter, "One \\ two\nthree \"four\".");
  text.add(uint64_t{1}, {{"name", "a\"b\\c\nd"}, {"other", "\xff"}});
  text.begin("b_seconds", Type::gauge, "B.");
  text.add(0.25);
  text.add(int64_t{-3});
  EXPECT_EQ(text.take(),
            "# HELP a_total One \\\\ two\\nthree \"four\".\n# TYPE a_total counter\n"
            "a_total{name=\"a\\\"b\\\\c\\nd\",other=\"\xef\xbf\xbd\"} 1\n"
            "# HELP b_seconds B.\n# TYPE b_seconds gauge\nb_seconds 0.25\nb_seconds -3\n");
}

TEST(MetricsTextTest, BucketsAddUpAndABoundBelongsToItsOwn) {
  Histogram histogram;
  histogram.observe(microseconds(0));
  histogram.observe(microseconds(500));
  histogram.observe(microseconds(501), 2);
  histogram.observe(std::chrono::seconds(10));
  histogram.observe(std::chrono::seconds(11));
  EXPECT_EQ(histogram.count(), 6U);
  MetricsText text;
  text.begin("h_seconds", Type::histogram, "H.");
  text.add(histogram);
  const std::string told = text.take();
  for (const char* line :
       {"h_seconds_bucket{le=\"0.0005\"} 2\n", "h_seconds_bucket{le=\"0.001\"} 4\n",
        "h_seconds_bucket{le=\"5\"} 4\n", "h_seconds_bucket{le=\"10\"} 5\n",
        "h_seconds_bucket{le=\"+Inf\"} 6\n", "h_seconds_sum 21.001502\n", "h_seconds_count 6\n"})
    EXPECT_NE(told.find(line), std::string::npos) << line << told;
}

}  // namespace
}  // namespace specd::proto
