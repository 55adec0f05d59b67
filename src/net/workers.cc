#include "net/workers.h"

namespace specd::net {

Workers::Workers(size_t threads, size_t queued) : jobs_(queued) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back("worker-" + std::to_string(i), [this] {
      while (!jobs_.closed()) {
        if (auto job = jobs_.take()) (*job)();
      }
    });
  }
}

Workers::~Workers() {
  jobs_.close();
  threads_.clear();
}

}  // namespace specd::net
