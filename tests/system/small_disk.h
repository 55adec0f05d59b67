#pragma once

#include <string>

namespace specd::test {

/// A disk of a few megabytes, mounted at a folder that it makes; nobody but this process and its
/// children sees it. Mounting takes rights that not everybody has.
class SmallDisk {
 public:
  SmallDisk(std::string folder, int mib);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Why there is none; empty: it is mounted.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// Nothing fits any more, until `make_room`.
  void fill() const;
  void make_room() const;

 private:
  const std::string folder_;
  std::string obstacle_;
};

}  // namespace specd::test
