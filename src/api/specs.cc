#include "api/answers.h"
#include "api/handlers.h"
#include "api/spec_answers.h"
#include "base/json.h"
#include "proto/json_build.h"
#include "store/spec_json.h"

namespace specd::api {
namespace {

void write_file(proto::JsonWriter& out, const store::FileSummary& file) {
  out.begin_object();
  out.name("path");
  out.text(file.path);
  out.name("role");
  out.text(spec::to_string(file.role));
  out.name("version");
  out.text_or_null(file.base ? file.base->hex() : "");
  out.name("in_step");
  out.boolean(file.is_in_step);
  out.name("title");
  out.text_or_null(file.title);
  out.name("tasks_done");
  out.number(file.tasks_done);
  out.name("tasks_total");
  out.number(file.tasks_total);
  out.name("error");
  out.text_or_null(file.error);
  out.end_object();
}

}  // namespace

Result<net::Response> get_spec(const Api& api, const net::Request& request) {
  const auto open = open_project(api, request);
  if (!open) return tl::unexpected(open.error());
  const store::Tables& tables = open->tables();
  const auto spec = spec_called(tables, open->project.id, request);
  if (!spec) return tl::unexpected(spec.error());
  Value front_matter;
  if (spec->front_matter) {
    if (auto parsed = json::parse(*spec->front_matter)) front_matter = std::move(*parsed);
  }
  proto::JsonWriter out;
  out.begin_object();
  write_fields(out, store::spoken(*spec, open->project.slug), proto::spec_fields());
  out.name("front_matter");
  out.raw(json::dump(front_matter));
  out.name("deleted_at");
  out.timestamp(spec->deleted_at);
  out.name("files");
  out.begin_list();
  const auto written = tables.files.each_of_spec(
      spec->key, [&](const store::FileSummary& file) { write_file(out, file); });
  if (!written) return tl::unexpected(written.error());
  out.end_list();
  out.end_object();
  return tagged_answer(out.take());
}

}  // namespace specd::api
