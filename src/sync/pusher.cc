#include "sync/pusher.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/path.h"

namespace specd::sync {
namespace {

// While this is there, the openspec CLI is moving a change into the archive and writing main specs;
// it aborts if one of its inputs changes.
const std::string kArchiveLock = "openspec/changes/archive/.openspec-archive.lock";

bool is_read_by_archive(spec::Role role) {
  return role == spec::Role::delta || role == spec::Role::spec;
}

OnDisk as_pushed(const Push& push, const SwapResult& result) {
  OnDisk disk;
  if (!push.order.content) {
    disk.disk.state = core::Disk::State::absent;
    return disk;
  }
  disk.content = *push.order.content;
  disk.disk = {core::Disk::State::present, sha256(disk.content)};
  disk.fingerprint = result.fingerprint;
  disk.is_settled = result.is_settled;
  const spec::FoundFile file = found_file(push.order.path, push.role);
  disk.facts = spec::facts_of(file.role, file.tracked, file.path, disk.content);
  return disk;
}

}  // namespace

Pusher::Pusher(store::Store& store, Crew& crew, const Clock& clock, Random& random,
               const Options& options, const store::Project& project, std::string state_folder)
    : store_(store),
      crew_(crew),
      clock_(clock),
      random_(random),
      options_(options),
      project_(project.id),
      uuid_(project.uuid),
      state_folder_(std::move(state_folder)) {}

Pusher::~Pusher() = default;

void Pusher::attach(std::unique_ptr<FileOps> ops) {
  rest_.clear();  // which refers to the old root
  area_.reset();
  ops_ = std::move(ops);
  if (ops_ == nullptr) return;
  area_.emplace(*ops_, state_folder_, uuid_);
  area_->open();
}

Result<std::optional<Push>> Pusher::push_of(const std::string& path) const {
  if (ops_ == nullptr) return std::optional<Push>();
  auto row = store_.tables.files.get(project_, path);
  if (!row) return tl::unexpected(row.error());
  auto state = store_.tables.states.get(project_, path);
  if (!state) return tl::unexpected(state.error());
  if (!*row || (*state && (*state)->pushed_rev == (*row)->rev)) return std::optional<Push>();
  auto place = store_.tables.specs.live_place((*row)->spec);
  if (!place) return tl::unexpected(place.error());
  // A spec that came back somewhere else has left rows of its former files where they were.
  if (!*place || !path::is_within(path, (*place)->dir)) return std::optional<Push>();
  Push push{.order = {.path = path,
                      .spec_dir = (*place)->dir,
                      .dir_dev = (*place)->dir_dev,
                      .dir_ino = (*place)->dir_ino},
            .spec = (*row)->spec,
            .role = (*row)->role,
            .rev = (*row)->rev,
            .is_foreign = (*row)->edit.value == 0};
  if (*state) push.order.base = (*state)->base;
  if (!(*row)->deleted_at) push.order.content = std::move((*row)->content);
  const bool is_same = push.order.content ? push.order.base == sha256(*push.order.content)
                                          : !push.order.base.has_value();
  if (is_same) return std::optional<Push>();
  return push;
}

void Pusher::Batch::set_rev(const std::string& path, Rev rev) {
  for (Item& item : items_) {
    if (item.push.order.path == path) item.push.rev = rev;
  }
}

Pusher::Batch Pusher::start(std::vector<Push> pushes) {
  Batch batch;
  batch.items_.reserve(pushes.size());
  for (Push& push : pushes) {
    push.order.identity =
        StagingArea::identity(push.spec, path::below(push.order.path, push.order.spec_dir));
    auto delivery = std::make_unique<Delivery>(
        *ops_, *area_, push.order, StagingArea::nonce(random_), options_.max_bytes_per_file);
    batch.items_.push_back({.push = std::move(push), .delivery = std::move(delivery)});
  }
  Item* items = batch.items_.data();
  batch.job_ = crew_.start(batch.items_.size(),
                           [items](size_t i) { items[i].prepared = items[i].delivery->prepare(); });
  return batch;
}

void Pusher::put(const ProjectView& project, Item& item) {
  const Result<Swap> prepared = std::exchange(item.prepared, Swap::done);
  if (!prepared) {
    item.prepared = prepared;
    return;
  }
  if (*prepared != Swap::done) {
    item.result.what = *prepared;
    return;
  }
  if (is_read_by_archive(item.push.role) && project.fs.stat(kArchiveLock)) {
    item.result.what = Swap::busy;
    return;
  }
  auto result = item.delivery->put();
  if (result && result->what == Swap::unsupported)
    result = fail(Code::refused, "this file system can neither exchange nor link files");
  if (result) item.result = *result;
  if (!result) item.prepared = tl::unexpected(result.error());
  for (const StagedFile& file : item.delivery->left_over()) left_over_.push_back(file);
}

Result<PushOutcome> Pusher::finish(const ProjectView& project, Batch batch,
                                   const Visible& visible) {
  batch.job_.wait();
  PushOutcome outcome;
  for (Item& item : batch.items_) {
    put(project, item);
    const std::string& path = item.push.order.path;
    if (!item.prepared) {
      outcome.failed.emplace_back(path, item.prepared.error());
    } else if (item.result.what == Swap::done) {
      outcome.done.push_back(path);
    } else {
      (item.result.what == Swap::busy ? outcome.busy : outcome.overtaken).push_back(path);
    }
  }
  if (visible) visible(outcome);
  std::ranges::move(batch.items_, std::back_inserter(rest_));
  if (auto written = write_down_rest(project); !written) return tl::unexpected(written.error());
  return outcome;
}

Result<> Pusher::write_down_rest(const ProjectView& project) {
  if (rest_.empty()) return {};
  // Otherwise a power cut could leave the new base with the old file, which reads like somebody's
  // change back.
  std::vector<Item*> done;
  for (Item& item : rest_) {
    if (item.prepared && item.result.what == Swap::done) done.push_back(&item);
  }
  if (auto durable = make_durable(done); !durable) return durable;
  if (auto written = write_down(project, rest_); !written) return written;
  rest_.clear();
  return {};
}

/// What was displaced first: whoever still saves into it must not be left without a name by a power
/// cut that keeps the target's.
Result<> Pusher::make_durable(std::vector<Item*>& done) {
  std::set<const Handle*> staging;
  for (const Item* item : done) {
    if (const Handle* folder = item->delivery->staging()) staging.insert(folder);
  }
  for (const Handle* folder : staging) {
    if (auto durable = ops_->sync(*folder); !durable) return fail_within("push", durable.error());
  }
  std::vector<Result<>> synced(done.size());
  crew_.run(done.size(), [&](size_t i) { synced[i] = done[i]->delivery->make_durable(); });
  for (size_t i = 0; i < done.size(); ++i) {
    if (!synced[i]) return fail_within("push " + done[i]->push.order.path, synced[i].error());
  }
  return {};
}

Result<> Pusher::write_down(const ProjectView& project, std::vector<Item>& items) {
  std::map<SpecKey, std::vector<Item*>> specs;
  for (Item& item : items) {
    if (!item.prepared || item.result.what == Swap::done) specs[item.push.spec].push_back(&item);
  }
  if (specs.empty()) return {};
  auto tx = store_.begin();
  if (!tx) return tl::unexpected(tx.error());
  Outcome outcome;
  Journal journal(store_.tables, project.id, {store::Trigger::user_edit, clock_.steady()},
                  clock_.wall(), clock_.steady());
  PullApplier applier(store_.tables, clock_, journal, outcome);
  for (auto& [key, of_spec] : specs) {
    if (auto done = write_spec(key, of_spec, applier); !done) return done;
  }
  if (auto done = journal.write(); !done) return done;
  return tx->commit();
}

Result<> Pusher::write_spec(const SpecKey& key, std::vector<Item*>& items, PullApplier& applier) {
  auto record = store_.tables.specs.get(key);
  if (!record) return tl::unexpected(record.error());
  if (!*record || (*record)->deleted_at) return {};
  auto work = work_from_rows(store_.tables, std::move(**record));
  if (!work) return tl::unexpected(work.error());
  for (const Item* item : items) {
    const Push& push = item->push;
    auto row = store_.tables.files.peek(work->record.project, push.order.path);
    if (!row) return tl::unexpected(row.error());
    auto author = author_of(store_.tables, *row ? **row : store::FileRow{});
    if (!author) return tl::unexpected(author.error());
    FileWork& file = work->file(push.order.path, push.role);
    file.is_to_read = true;
    if (!item->prepared) {
      file.disk.error = item->prepared.error();
      if (auto done = applier.apply_file(*work, file); !done) return done;
      continue;
    }
    file.disk = as_pushed(push, item->result);
    file.is_listed = push.order.content.has_value();
    work->latest_mtime_ns = std::max(work->latest_mtime_ns, file.disk.fingerprint.mtime_ns);
    if (auto done = applier.settle_push(*work, file, push.rev, *author); !done) return done;
  }
  work->list_files();
  return applier.write_record(*work);
}

}  // namespace specd::sync
