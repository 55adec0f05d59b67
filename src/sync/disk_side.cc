#include "sync/disk_side.h"

#include "base/path.h"

namespace specd::sync {
namespace {

// Where no lease can be had (another owner's file, or a file system without them), two equal reads
// this far apart have to do.
constexpr std::chrono::milliseconds kSecondLook{1'000};

bool is_absence(const Error& error) {
  return error.code == Code::not_found;
}

}  // namespace

bool has_merge_markers(std::string_view text) {
  // All three, in order, each at the beginning of a line: prose about git has one of them at most.
  size_t at = 0;
  for (std::string_view marker : {"<<<<<<< ", "=======", ">>>>>>> "}) {
    for (;;) {
      at = text.find(marker, at);
      if (at == std::string_view::npos) return false;
      if (at == 0 || text[at - 1] == '\n') break;
      ++at;
    }
    at += marker.size();
  }
  return true;
}

OnDisk DiskSide::read(Fs& fs, const Wanted& wanted) const {
  OnDisk found;
  const std::string& path = wanted.file.path;
  const auto fail_with = [&](Error error) {
    if (is_absence(error)) {
      found.disk.state = core::Disk::State::absent;
    } else {
      found.error = std::move(error);
    }
    return found;
  };

  bool must_lease = false;
  if (!wanted.is_done) {
    const auto stat = fs.stat(path);
    if (!stat) return fail_with(stat.error());
    const auto changed = from_us(stat->fingerprint.ctime_ns / 1000);
    // A change from the future is young too: somebody's clock is wrong, and nothing is lost by
    // looking twice.
    must_lease = clock_.wall() - changed < options_.recent;
  }
  auto read =
      fs.read(path, must_lease ? ReadMode::leased : ReadMode::plain, options_.max_bytes_per_file);
  if (read && read->content.empty() && wanted.has_base && !must_lease) {
    must_lease = true;
    read = fs.read(path, ReadMode::leased, options_.max_bytes_per_file);
  }
  if (!read) return fail_with(read.error());
  if (must_lease && !read->leased) {
    const auto age = clock_.wall() - from_us(read->fingerprint.ctime_ns / 1000);
    if (age < kSecondLook) return fail_with({Code::busy, "read " + path + ": changed just now", 0});
  }
  found.content = std::move(read->content);
  found.fingerprint = read->fingerprint;
  found.is_settled = read->settled;
  found.disk = {core::Disk::State::present, sha256(found.content)};
  found.facts = spec::facts_of(wanted.file.role, wanted.file.tracked, path, found.content);
  if (found.facts.error.empty() && has_merge_markers(found.content)) {
    found.facts.error = "holds the markers of a git merge that was not finished";
  }
  return found;
}

DiskSide::Reading DiskSide::start_reading(Fs& fs, std::vector<Wanted> wanted) const {
  Reading reading;
  Reading::Files* files = reading.files_.get();
  files->wanted = std::move(wanted);
  files->found.resize(files->wanted.size());
  files->job = crew_.start(files->wanted.size(), [this, &fs, files](size_t i) {
    files->found[i] = read(fs, files->wanted[i]);
  });
  return reading;
}

std::vector<OnDisk> DiskSide::Reading::take() {
  files_->job.wait();
  return std::move(files_->found);
}

}  // namespace specd::sync
