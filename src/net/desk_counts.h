#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "net/message.h"

namespace specd::net {

/// How many answers of each kind there were. Counted by one thread, read by any.
class AnswerCounts {
 public:
  /// By the first line of an answer, "HTTP/1.1 200 OK".
  void count(std::string_view answer);
  /// By the first digit of their status, from 1xx.
  [[nodiscard]] std::array<uint64_t, 5> all() const;

 private:
  std::array<std::atomic<uint64_t>, 5> counts_{};
};

/// Whose connections there are, and that nobody known has more than `most`. One thread at a time.
class CallerConnections {
 public:
  explicit CallerConnections(size_t most) : most_(most) {}

  /// One connection goes from one caller to another; nobody may have any number. False, and it is
  /// nobody's, if that would be one too many.
  [[nodiscard]] bool move(Caller from, Caller to);

 private:
  const size_t most_;
  std::map<Caller, size_t> counts_;  // without nobody's
};

/// How many bytes are held of what clients have sent, and that they are never more than `most`. One
/// thread at a time.
class HeldBytes {
 public:
  /// What one of them holds; gives it back at its end. The HeldBytes must outlive it.
  class Share {
   public:
    explicit Share(HeldBytes& all) : all_(all) {}
    ~Share() { give_back(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// False, and nothing more is held, if that would be too many for all.
    [[nodiscard]] bool take(size_t bytes);
    void give_back();

   private:
    HeldBytes& all_;
    size_t held_ = 0;
  };

  explicit HeldBytes(uint64_t most) : left_(most) {}

 private:
  uint64_t left_;
};

}  // namespace specd::net
