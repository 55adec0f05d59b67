#include "tests/crash/power_scenario.h"

#include <chrono>
#include <set>
#include <utility>

namespace specd::crash {
namespace {

constexpr std::chrono::milliseconds kUntilLeftOversAreJudged{1'100};
constexpr size_t kMostEnds = 24;  // of one cut

Outcome edited_tasks() {
  return {kTasks, "as it was\n", "the edit\n"};
}
Outcome bystander() {
  return {kTasks, "as it was\n", "as it was\n"};
}
Outcome deleted() {
  return {kDesign, "goes\n", std::nullopt};
}
Outcome added() {
  return {kNewFolder + "/spec.md", std::nullopt, "new\n"};
}

void edit(PowerRig& rig, const std::vector<Outcome>& files) {
  std::vector<sync::FileEdit> edits;
  for (const Outcome& file : files)
    edits.push_back({file.path, file.after, {sync::Expected::What::anything, {}}});
  rig.edit(std::move(edits));
}

}  // namespace

Scenario an_edit() {
  return {"AnEdit", [](PowerRig& rig) { edit(rig, {edited_tasks()}); }, {edited_tasks()}};
}

Scenario a_new_file() {
  return {"ANewFile", [](PowerRig& rig) { edit(rig, {added()}); }, {bystander(), added()}};
}

Scenario a_deletion() {
  return {"ADeletion", [](PowerRig& rig) { edit(rig, {deleted()}); }, {bystander(), deleted()}};
}

Scenario several_files() {
  const std::vector<Outcome> files = {edited_tasks(), deleted(), added()};
  return {"SeveralFiles", [files](PowerRig& rig) { edit(rig, files); }, files};
}

Scenario a_sql_edit(const std::string& synchronous) {
  const auto act = [synchronous](PowerRig& rig) {
    rig.sql("UPDATE spec_files SET content = 'the edit\n' WHERE path = '" + kTasks + "'",
            synchronous);
  };
  return {synchronous == "FULL" ? "ASqlEdit" : "ASqlEditThatIsNotSynced", act, {edited_tasks()}};
}

Scenario a_late_save() {
  Outcome file = edited_tasks();
  file.later = "saved late\n";
  const auto act = [later = *file.later](PowerRig& rig) {
    edit(rig, {edited_tasks()});
    rig.save_late(later);
  };
  return {"ALateSave", act, {file}};
}

Timeline play(PowerRig& rig, const Scenario& scenario) {
  for (const Outcome& file : scenario.files) {
    if (file.before) rig.save(file.path, *file.before);
  }
  rig.begin();
  scenario.act(rig);
  rig.pass(kUntilLeftOversAreJudged);
  return rig.end();
}

std::string first_loss(PowerRig& rig, const Timeline& line, const Scenario& scenario, Order order) {
  SeededRandom random(1);
  std::set<size_t> judged;
  std::string loss;
  for (size_t at = line.first; at <= line.steps.size() && loss.empty(); ++at) {
    if (!line.is_between_calls(at)) continue;
    PowerCut(line, at, order).each(kMostEnds, random, [&](const Survived& survived) {
      if (!loss.empty() || !judged.insert(hash_of(survived)).second) return;
      loss = rig.judge(survived, scenario.files);
      if (!loss.empty()) loss += ", cut before step " + std::to_string(at - line.first);
    });
  }
  EXPECT_TRUE(!loss.empty() || judged.size() > 50) << "hardly any end was judged";
  return loss;
}

}  // namespace specd::crash
