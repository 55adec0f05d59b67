#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.h"

namespace specd::proto {

/// Metrics as Prometheus reads them: its text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
///     # HELP specd_rescans_total Complete scans.
///     # TYPE specd_rescans_total counter
///     specd_rescans_total{project="app",cause="periodic"} 3
///
/// Names, and those of labels, are ours and well-formed; values and help may be any text.
class MetricsText {
 public:
  enum class Type { counter, gauge, histogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins a metric, which comes once; its samples follow.
  void begin(std::string_view name, Type type, std::string_view help);
  void add(int64_t value, Labels labels = {});
  void add(uint64_t value, Labels labels = {});
  void add(double value, Labels labels = {});
  /// In seconds: buckets that add up, sum and count.
  void add(const Histogram& histogram);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add_sample(std::string_view suffix, Labels labels, std::string_view value);

  std::string name_;
  std::string text_;
};

/// What to call it in Content-Type.
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace specd::proto
