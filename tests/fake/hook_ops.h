#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/file_ops.h"

namespace specd {

/// The calls of another FileOps, before each of which a test may do something, such as to be the
/// program that saves at that very moment, or let it fail.
class HookOps : public FileOps {
 public:
  enum class Call {
    open_folder,
    open_staging,
    is_one_mount,
    resolve,
    open,
    create_unnamed,
    create,
    write,
    attributes,
    set_attributes,
    sync,
    name,
    lease,
    is_leased,
    release,
    stat,
    stat_entry,
    read,
    list,
    exchange,
    rename,
    move,
    link,
    unlink,
    make_folder,
    remove_folder,
  };
  /// The failure of this call; none: it goes through. Those that cannot fail ignore it.
  using Hook = std::function<std::optional<Error>(Call)>;

  explicit HookOps(std::unique_ptr<FileOps> below) : below_(std::move(below)) {}

  /// From now on; a hook may put another in its own place.
  void before(Hook hook) { hook_ = std::make_shared<Hook>(std::move(hook)); }
  void undisturbed() { hook_.reset(); }

  Result<Handle> open_folder(const std::string& path) override {
    return through(Call::open_folder, [&] { return below_->open_folder(path); });
  }
  Result<Handle> open_folder(Entry entry) override {
    return through(Call::open_folder, [&] { return below_->open_folder(entry); });
  }
  Result<bool> is_one_mount(const Handle& one, const Handle& other) override {
    return through(Call::is_one_mount, [&] { return below_->is_one_mount(one, other); });
  }
  Result<Handle> open_staging(const std::string& path) override {
    return through(Call::open_staging, [&] { return below_->open_staging(path); });
  }
  Result<std::string> resolve(const std::string& path) override {
    return through(Call::resolve, [&] { return below_->resolve(path); });
  }
  Result<Handle> open(Entry entry) override {
    return through(Call::open, [&] { return below_->open(entry); });
  }
  Result<Handle> create_unnamed(const Handle& folder) override {
    return through(Call::create_unnamed, [&] { return below_->create_unnamed(folder); });
  }
  Result<Handle> create(Entry entry) override {
    return through(Call::create, [&] { return below_->create(entry); });
  }
  Result<> write(const Handle& file, std::string_view content) override {
    return through(Call::write, [&] { return below_->write(file, content); });
  }
  Result<Attributes> attributes(const Handle& file) override {
    return through(Call::attributes, [&] { return below_->attributes(file); });
  }
  Attributes attributes_of_new() override { return below_->attributes_of_new(); }
  Result<> set_attributes(const Handle& file, const Attributes& wanted) override {
    return through(Call::set_attributes, [&] { return below_->set_attributes(file, wanted); });
  }
  Result<> sync(const Handle& handle) override {
    return through(Call::sync, [&] { return below_->sync(handle); });
  }
  Result<> name(const Handle& file, Entry entry) override {
    return through(Call::name, [&] { return below_->name(file, entry); });
  }
  Lease lease(const Handle& file) override {
    (void)ask(Call::lease);
    return below_->lease(file);
  }
  bool is_leased(const Handle& file) override {
    (void)ask(Call::is_leased);
    return below_->is_leased(file);
  }
  void release(const Handle& file) override {
    (void)ask(Call::release);
    below_->release(file);
  }
  Result<OpenStat> stat(const Handle& handle) override {
    return through(Call::stat, [&] { return below_->stat(handle); });
  }
  Result<FileStat> stat(Entry entry) override {
    return through(Call::stat_entry, [&] { return below_->stat(entry); });
  }
  Result<std::string> read(const Handle& file, int64_t max_bytes) override {
    return through(Call::read, [&] { return below_->read(file, max_bytes); });
  }
  Result<std::vector<std::string>> list(const Handle& folder) override {
    return through(Call::list, [&] { return below_->list(folder); });
  }
  Result<> exchange(Entry a, Entry b) override {
    return through(Call::exchange, [&] { return below_->exchange(a, b); });
  }
  Result<> rename(Entry from, Entry to) override {
    return through(Call::rename, [&] { return below_->rename(from, to); });
  }
  Result<> move(Entry from, Entry to) override {
    return through(Call::move, [&] { return below_->move(from, to); });
  }
  Result<> link(Entry from, Entry to) override {
    return through(Call::link, [&] { return below_->link(from, to); });
  }
  Result<> unlink(Entry entry) override {
    return through(Call::unlink, [&] { return below_->unlink(entry); });
  }
  Result<> make_folder(Entry entry) override {
    return through(Call::make_folder, [&] { return below_->make_folder(entry); });
  }
  Result<> remove_folder(Entry entry) override {
    return through(Call::remove_folder, [&] { return below_->remove_folder(entry); });
  }

 protected:
  /// Handles close themselves with the one that opened them.
  void close(int) override {}

 private:
  template <class Do>
  auto through(Call call, Do what) -> decltype(what()) {
    if (auto error = ask(call)) return tl::unexpected(std::move(*error));
    return what();
  }
  std::optional<Error> ask(Call call) {
    const auto hook = hook_;  // which lives until it has answered
    return hook ? (*hook)(call) : std::nullopt;
  }

  const std::unique_ptr<FileOps> below_;
  std::shared_ptr<Hook> hook_;
};

}  // namespace specd
