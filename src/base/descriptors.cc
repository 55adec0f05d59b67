#include "base/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace specd {

size_t raise_descriptor_limit(size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;  // nobody tells of one
  if (limit.rlim_cur >= wanted) return static_cast<size_t>(limit.rlim_cur);
  rlimit raised = limit;
  raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return static_cast<size_t>(limit.rlim_cur);
}

}  // namespace specd
