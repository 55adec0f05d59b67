#include "store/spec_json.h"

#include "base/json.h"

namespace specd::store {

namespace {

/// Of a whole spec or a summary: their members have the same names.
template <class Row>
proto::Spec spoken_as(std::string_view key, const Row& spec, std::string_view slug) {
  return {
      .key = key,
      .project = slug,
      .kind = spec::to_string(spec.kind),
      .id = spec.id,
      .change_id = spec.change_id,
      .path = spec.dir,
      .title = spec.title,
      .status = spec.status,
      .priority = spec.priority,
      .tags = &spec.tags,
      .assignee = spec.assignee,
      .progress = spec::to_string(spec.progress),
      .tasks_done = spec.tasks_done,
      .tasks_total = spec.tasks_total,
      .version = spec.version,
      .sync_error = spec.sync_error,
      .last_synced_at = spec.last_synced_at,
      .filesystem_modified_at = spec.filesystem_modified_at,
      .db_modified_at = spec.db_modified_at,
      .archived_at = spec.archived_at,
  };
}

}  // namespace

proto::Spec spoken(const Spec& spec, std::string_view slug) {
  return spoken_as(spec.key.value.text, spec, slug);
}

proto::Spec spoken(const SpecSummary& spec, std::string_view slug) {
  return spoken_as(spec.key, spec, slug);
}

namespace {

/// The spec that this one says it belongs to; empty: none.
std::string parent_of(const Spec& spec) {
  if (!spec.front_matter || spec.front_matter->find("\"parent\"") == std::string::npos) return {};
  const auto matter = json::parse(*spec.front_matter);
  const Value* parent = matter ? matter->find("parent") : nullptr;
  return parent != nullptr && parent->is_scalar() ? parent->text : std::string();
}

}  // namespace

std::string to_json(const SpecNews& news) {
  const proto::Spec said = spoken(news.spec, "");
  proto::JsonWriter out;
  out.begin_object();
  out.name("id");
  out.text(said.id);
  out.name("kind");
  out.text(said.kind);
  out.name("version");
  out.number(said.version);
  if (!news.from.empty()) {
    out.name("from");
    out.text(news.from);
  }
  if (const std::string parent = parent_of(news.spec); !parent.empty()) {
    out.name("parent");
    out.text(parent);
  }
  out.name("files");
  out.texts(news.files);
  out.name("changes");
  out.texts(news.changes);
  out.name("metadata");
  out.begin_object();
  for (const proto::SpecField& field : proto::spec_fields()) {
    if (field.name == "project") continue;
    out.name(field.name);
    field.write(out, said);
  }
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace specd::store
