#include "net/desk_counts.h"

namespace specd::net {

void AnswerCounts::count(std::string_view answer) {
  constexpr size_t kStatus = std::string_view("HTTP/1.1 ").size();
  if (answer.size() <= kStatus) return;
  const auto kind = static_cast<size_t>(answer[kStatus] - '1');
  if (kind < counts_.size()) ++counts_[kind];
}

std::array<uint64_t, 5> AnswerCounts::all() const {
  std::array<uint64_t, 5> counts{};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i];
  return counts;
}

bool CallerConnections::move(Caller from, Caller to) {
  if (from == to) return true;
  if (const auto before = counts_.find(from); before != counts_.end() && --before->second == 0) {
    counts_.erase(before);
  }
  if (to == Caller::nobody) return true;
  const auto found = counts_.find(to);
  const size_t count = found == counts_.end() ? 0 : found->second;
  if (count >= most_) return false;
  counts_[to] = count + 1;
  return true;
}

bool HeldBytes::Share::take(size_t bytes) {
  if (bytes > all_.left_) return false;
  all_.left_ -= bytes;
  held_ += bytes;
  return true;
}

void HeldBytes::Share::give_back() {
  all_.left_ += held_;
  held_ = 0;
}

}  // namespace specd::net
