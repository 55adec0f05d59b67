#include "tests/simulation/clients.h"

#include <utility>

#include "sync/revival.h"

namespace specd::simulation {
namespace {

using sync::Engine;
using sync::Expected;
using sync::FileEnd;
using test::must;

const std::vector<std::string>& names_of_files() {
  static const std::vector<std::string> names = {"proposal.md", "tasks.md", "design.md",
                                                 "specs/pay/spec.md", ".note.md"};
  return names;
}

std::string folder_of(const std::string& path) {
  // openspec/changes/ID, openspec/changes/archive/ID, openspec/specs/ID
  const auto parts = path::parts(path);
  const size_t depth = path.starts_with("openspec/changes/archive/") ? 4 : 3;
  std::string folder;
  for (size_t i = 0; i < depth; ++i)
    folder = path::join(folder, *std::next(parts.begin(), static_cast<ptrdiff_t>(i)));
  return folder;
}

/// A capability without its spec.md is none, and its other files are of no spec.
std::string beside(const std::string& path, const std::string& name) {
  return path::join(folder_of(path), path.starts_with("openspec/specs") ? "spec.md" : name);
}

std::string brief(const std::string& text) {
  return "'" + text.substr(0, text.find('\n')) + "'";
}

std::string shown(const Result<sync::EditAnswer>& answer) {
  if (!answer) return answer.error().message;
  static const char* const ends[] = {"written", "unchanged", "pending", "overruled", "superseded"};
  std::string all;
  for (const sync::FileAnswer& file : answer->files)
    all += std::string(ends[static_cast<size_t>(file.end)]) + " ";
  return all;
}

}  // namespace

std::string Clients::act_through_engine() {
  const uint64_t die = chance_.below(100);
  if (die < 62) return edit();
  if (die < 70) return create();
  if (die < 76) return restore();
  if (die < 86) return resolve();
  if (die < 90) return set_fields();
  if (die < 94) return claim();
  return pause();
}

SteadyTime Clients::some_deadline() {
  return clock_.steady() + std::chrono::milliseconds(chance_.one_in(2) ? 0 : 2'000);
}

void Clients::answered(const std::vector<std::string>& texts,
                       const Result<sync::EditAnswer>& answer) {
  if (is_dead()) return;  // nobody hears it
  say("  answer: " + shown(answer));
  if (!answer || answer->id.value == 0) return;
  ledger_.look(Ledger::Who::engine);
  for (const std::string& text : texts) ledger_.accepted(text);
  for (const sync::FileAnswer& file : answer->files) {
    if (file.end != FileEnd::written || !file.version) continue;
    for (const std::string& text : texts) {
      if (sha256(text) == *file.version && !ledger_.has_stood(text))
        wrong(file.path + " is said to be written, and never was");
    }
  }
}

sync::FileEdit Clients::edit_of(const std::string& path, const std::string& content) {
  const uint64_t die = chance_.below(10);
  Expected expected{Expected::What::content, sha256(content)};
  if (die >= 6) expected = {Expected::What::anything, {}};
  if (die == 9) expected.digest = sha256("something else");
  sync::FileEdit edit{.path = path, .content = chance_.text("edited"), .expected = expected};
  if (chance_.one_in(8)) edit.content.reset();
  return edit;
}

std::string Clients::edit() {
  const auto rows = live_rows();
  if (rows.empty()) return create();
  const auto at = std::next(rows.begin(), static_cast<ptrdiff_t>(chance_.below(rows.size())));
  sync::EditRequest request{.files = {edit_of(at->first, at->second.content)}, .actor = "ann"};
  for (const auto& [path, row] : rows) {
    if (path != at->first && row.spec == at->second.spec && chance_.one_in(5))
      request.files.push_back(edit_of(path, row.content));
  }
  if (chance_.one_in(5)) {
    const std::string added = beside(at->first, chance_.of(names_of_files()));
    if (!rows.contains(added))
      request.files.push_back({added, chance_.text("edited"), {Expected::What::nothing, {}}});
  }
  std::string what = "edits";
  std::vector<std::string> texts;
  for (const sync::FileEdit& file : request.files) {
    what += " " + file.path + " " + (file.content ? brief(*file.content) : "(delete)");
    if (!file.content) continue;
    texts.push_back(*file.content);
    ledger_.asked(*file.content);
  }
  const SteadyTime deadline = some_deadline();
  drive([&](Engine& engine) {
    engine.edit(project_, request, deadline,
                [this, texts](const auto& answer) { answered(texts, answer); });
  });
  return what;
}

std::string Clients::create() {
  static const std::vector<std::string> names = {"c", "d", "e"};
  const std::string name = chance_.of(names);
  sync::NewSpecRequest request{.words = {.name = name}, .day = "2026-01-02"};
  request.files = {{".openspec.yaml", chance_.text("schema: spec-driven\n# edited")},
                   {"proposal.md", chance_.text("edited")}};
  request.is_forced = chance_.one_in(2);
  std::vector<std::string> texts;
  texts.reserve(request.files.size());
  for (const auto& [file, text] : request.files) texts.push_back(text);
  for (const std::string& text : texts) ledger_.asked(text);
  const SteadyTime deadline = some_deadline();
  drive([&](Engine& engine) {
    engine.create(project_, request, deadline, [this, texts](const auto& answer) {
      if (!answer) return answered(texts, tl::unexpected(answer.error()));
      if (!answer->is_taken) answered(texts, answer->edit);
    });
  });
  return "creates " + name + " " + brief(texts.back());
}

std::string Clients::some_spec(bool is_deleted) {
  std::vector<std::string> keys;
  as(Who::client, [&] {
    keys = must(client().all(
        "SELECT key FROM specs WHERE (deleted_at IS NOT NULL) = ?1 ORDER BY id",
        [](sqlite::Row& row) { return row.text(); }, is_deleted));
  });
  return keys.empty() ? "" : chance_.of(keys);
}

std::string Clients::restore() {
  const auto key = Ulid::parse(some_spec(true));
  if (!key) return edit();
  const SpecKey spec{*key};
  const auto contents = sync::contents_when_deleted(*store_, spec);
  if (!contents) return "finds nothing to restore: " + contents.error().message;
  std::string what = "restores";
  for (const auto& [path, text] : *contents) {
    ledger_.asked(text);
    what += " " + path;
  }
  const SteadyTime deadline = some_deadline();
  drive([&](Engine& engine) {
    engine.restore(project_, {.spec = spec, .actor = "ann"}, deadline, [this](const auto& answer) {
      answered({}, answer ? Result<sync::EditAnswer>(answer->edit)
                          : Result<sync::EditAnswer>(tl::unexpected(answer.error())));
    });
  });
  return what;
}

std::string Clients::resolve() {
  const auto open = conflicts();
  if (open.empty()) return edit();
  const store::Conflict conflict = chance_.of(open);
  const uint64_t die = chance_.below(3);
  using store::Resolution;
  sync::ResolutionRequest request{.end = {conflict.id, die == 0   ? Resolution::dismissed
                                                       : die == 1 ? Resolution::restored
                                                                  : Resolution::merged},
                                  .content = {},
                                  .expected = {Expected::What::anything, {}},
                                  .actor = "ann"};
  std::vector<std::string> texts;
  if (die == 1 && conflict.row) {
    const auto text = tables().versions.content(*conflict.row);
    if (text) ledger_.asked(*text);
  }
  if (die == 2) {
    request.content = chance_.text("edited");
    texts = {*request.content};
    ledger_.asked(texts.front());
  }
  std::vector<std::string> let_go;
  for (const auto& digest : {conflict.base, conflict.disk, conflict.row}) {
    const auto text = digest ? tables().versions.content(*digest) : fail(Code::not_found, "");
    if (text) let_go.push_back(*text);
  }
  const SteadyTime deadline = some_deadline();
  drive([&](Engine& engine) {
    engine.resolve(project_, request, deadline, [this, texts, let_go](const auto& answer) {
      if (is_dead() || !answer) return;
      for (const std::string& text : let_go) ledger_.dismissed(text);
      answered(texts, answer->edit);
    });
  });
  return "resolves " + conflict.path + " " + std::string(to_string(request.end.how)) +
         (texts.empty() ? "" : " " + brief(texts.front()));
}

std::string Clients::set_fields() {
  const auto key = Ulid::parse(some_spec(false));
  if (!key) return create();
  sync::FieldsRequest request{
      .spec = {*key}, .fields = {.status = "approved"}, .moves = sync::Moves::any, .actor = "ann"};
  const SteadyTime deadline = some_deadline();
  drive(
      [&](Engine& engine) { engine.set_fields(project_, request, deadline, [](const auto&) {}); });
  return "sets a status";
}

std::string Clients::claim() {
  const sync::ClaimOrder order{.agent = chance_.one_in(2) ? "bob" : "eve",
                               .lease = std::chrono::seconds(20)};
  const SteadyTime deadline = some_deadline();
  drive([&](Engine& engine) { engine.claims().claim(order, deadline, [](const auto&) {}); });
  return order.agent + " claims work";
}

std::string Clients::pause() {
  drive([&](Engine& engine) { (void)engine.pause_project(project_); });
  return "pauses the project";
}

std::string Clients::resume() {
  drive([&](Engine& engine) { (void)engine.resume_project(project_); });
  return "resumes the project";
}

// ---- by SQL

std::string Clients::act_by_sql() {
  const auto rows = live_rows();
  if (rows.empty()) return "finds nothing to edit by SQL";
  const auto at = std::next(rows.begin(), static_cast<ptrdiff_t>(chance_.below(rows.size())));
  std::string what;
  as(Who::client, [&] {
    const uint64_t die = chance_.below(100);
    if (die < 50) what = sql_update(at->first);
    if (die >= 50 && die < 70) what = sql_insert(at->first);
    if (die >= 70 && die < 80) what = sql_view(at->second.spec);
    if (die >= 80) what = sql_remove(at->first);
  });
  notify_commit();
  return "by SQL " + what;
}

std::string Clients::sql_update(const std::string& path) {
  const std::string text = chance_.text("sql");
  ledger_.asked(text);
  const auto done = client().run(
      "UPDATE spec_files SET content = ?1 WHERE path = ?2 AND deleted_at IS NULL", text, path);
  if (done && *done == 1) ledger_.accepted(text);
  return "updates " + path + " " + brief(text) + (done ? "" : ": " + done.error().message);
}

std::string Clients::sql_insert(const std::string& path) {
  const std::string text = chance_.text("sql");
  ledger_.asked(text);
  const bool is_new = chance_.one_in(2);
  const std::string to = is_new ? beside(path, chance_.of(names_of_files())) : path;
  const auto done =
      client().run("INSERT OR REPLACE INTO spec_files (project, path, content) VALUES (?1, ?2, ?3)",
                   project_, to, text);
  if (done) ledger_.accepted(text);
  return "inserts or replaces " + to + " " + brief(text) +
         (done ? "" : ": " + done.error().message);
}

std::string Clients::sql_view(const std::string& spec) {
  const std::string text = chance_.text("sql");
  ledger_.asked(text);
  const auto done =
      client().run("UPDATE openspec_specs SET tasks_content = ?1 WHERE spec_key = ?2", text, spec);
  if (done && is_kept(text)) ledger_.accepted(text);
  return "updates tasks_content " + brief(text) + (done ? "" : ": " + done.error().message);
}

std::string Clients::sql_remove(const std::string& path) {
  const bool is_physical = chance_.one_in(2);
  const auto done =
      is_physical ? client().run("DELETE FROM spec_files WHERE path = ?1", path)
                  : client().run("UPDATE spec_files SET deleted_at = 1 WHERE path = ?1", path);
  return (is_physical ? "deletes the row of " : "marks as deleted ") + path +
         (done ? "" : ": " + done.error().message);
}

}  // namespace specd::simulation
