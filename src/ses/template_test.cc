#include "ses/template.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using testing::fault_of;
using testing::TestWorld;

struct Templated : ::testing::Test {
  TestWorld world;
  Templates templates{*world.store, world.settings, world.clock};

  void make(const std::string& name, TemplateSource source) {
    base::run_task(templates.create(world.caller(), name, std::move(source), {}));
  }
  void update(const std::string& name, TemplateSource source) {
    base::run_task(templates.update(world.caller(), name, std::move(source)));
  }
  TemplatePtr current(const std::string& name) {
    return base::run_task(templates.current(world.scope(), name));
  }
};

TEST_F(Templated, refusals) {
  struct Row {
    std::string name;
    TemplateSource source;
    std::string fault;
  };
  const Row rows[] = {
      {"a", {{}, "T", {}}, "BadRequestException: The subject must be specified."},
      {"a", {"", "T", {}}, "BadRequestException: The subject must be specified."},
      {"a", {"S", {}, {}}, "BadRequestException: The text or the HTML part must be specified."},
      {"a", {"S", "", ""}, "BadRequestException: The text or the HTML part must be specified."},
      {"a",
       {"S", std::string(kMaxTemplateBytes, 'x'), {}},
       "BadRequestException: The template is larger than 500 KB."},
      {"a", {"S", "T", {}}, ""},
      {"a", {"S", "T", {}}, "AlreadyExistsException: Template a already exists."},
  };
  for (const auto& row : rows)
    EXPECT_EQ(fault_of([&] { make(row.name, row.source); }), row.fault) << row.fault;
  for (const auto* name : {"", " a", "a b", "ä", "a/b"})
    EXPECT_NE(fault_of([&] { make(name, {"S", "T", {}}); }), "") << name;
  EXPECT_EQ(fault_of([&] {
              update("none", {"S", "T", {}});
            }),
            "NotFoundException: Template none does not exist");
}

TEST_F(Templated, a_change_leaves_the_version_before_as_it_was) {
  make("a", {"one", "T", {}});
  auto before = current("a");
  update("a", {"two", {}, "H"});
  auto after = current("a");
  EXPECT_EQ(after->source.subject, "two");
  EXPECT_EQ(after->source.text, std::nullopt);
  base::run_task(templates.remove(world.caller(), "a"));
  EXPECT_EQ(current("a"), nullptr);
  templates.load();  // nothing of it is in memory
  EXPECT_EQ(base::run_task(templates.version(before->id))->source.subject, "one");
  EXPECT_EQ(base::run_task(templates.version(after->id))->source.subject, "two");
}

TEST_F(Templated, retired_versions_go_after_the_retention) {
  make("a", {"one", "T", {}});
  auto first = current("a")->id;
  update("a", {"two", "T", {}});
  world.clock.freeze(world.clock.now() + world.settings.retention + std::chrono::hours{1});
  update("a", {"three", "T", {}});
  templates.load();
  EXPECT_EQ(base::run_task(templates.version(first)), nullptr);
  EXPECT_EQ(current("a")->source.subject, "three");
}

TEST_F(Templated, lists_newest_first) {
  for (const auto* name : {"b", "c", "a"}) make(name, {"S", "T", {}});
  update("b", {"S", "T2", {}});  // does not make it newer
  auto all = base::run_task(templates.list(world.scope(), std::nullopt, 10));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name + all[1].name + all[2].name, "acb");
  auto rest = base::run_task(templates.list(world.scope(), all[0].number, 10));
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].name, "c");
}

}  // namespace
}  // namespace ses
