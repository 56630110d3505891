#include "mail/handlebars.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

namespace mail {
namespace {

std::string render(std::string_view source, std::string_view json,
                   TemplateDialect dialect = TemplateDialect::full) {
  auto parsed = Template::parse(source, dialect);
  if (!parsed) return "PARSE " + parsed.error();
  auto data = TemplateData::parse(json);
  if (!data) return "DATA " + data.error();
  auto out = (*parsed)->render(*data);
  return out ? *out : "FAULT " + out.error().message;
}

// Everything handlebars.js says (tests/mail/handlebars_cases.mjs).
TEST(Handlebars, IsWhatHandlebarsJsMakes) {
  std::ifstream file(SESAME_SOURCE_DIR "/tests/mail/handlebars_cases.json");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  auto table = boost::json::parse(text);
  auto data = TemplateData::parse(boost::json::serialize(table.at("data")));
  ASSERT_TRUE(data.ok());
  EXPECT_GT(table.at("cases").as_array().size(), 300u);
  for (const auto& one : table.at("cases").as_array()) {
    std::string source(one.at(0).as_string()), wanted(one.at(1).as_string());
    auto parsed = Template::parse(source);
    ASSERT_TRUE(parsed.ok()) << source << "\n" << parsed.error();
    auto out = (*parsed)->render(*data);
    EXPECT_EQ(out ? *out : "FAULT " + out.error().message, wanted) << source;
  }
}

TEST(Handlebars, MissingNamesFail) {
  auto absent = [](const std::string& name) {
    return "FAULT Attribute '" + name + "' is not present in the rendering data.";
  };
  const std::tuple<std::string, std::string, std::string> table[] = {
      {"{{favoriteanimal}}", "{}", absent("favoriteanimal")},
      {"{{x}}", R"({"x":null})", absent("x")},
      {"{{{x}}}", "{}", absent("x")},
      {"{{a.b}}", "{}", absent("a.b")},
      {"{{a.b}}", R"({"a":{}})", absent("a.b")},
      {"{{#if x}}a{{/if}}", "{}", ""},
      {"{{#unless x}}a{{/unless}}", "{}", "a"},
      {"{{#each x}}a{{/each}}", "{}", ""},
      {"{{#with x}}a{{/with}}", "{}", ""},
      {"{{#if x}}{{y}}{{/if}}", "{}", ""},
      {"{{#if x}}{{y}}{{/if}}", R"({"x":1})", absent("y")},
      {"{{x}}", R"({"x":""})", ""},
      {"{{x}}", R"({"x":false})", "false"},
      {"{{> n}}", "{}", "FAULT The partial 'n' could not be found."},
  };
  for (const auto& [source, data, wanted] : table) EXPECT_EQ(render(source, data), wanted) << source;
}

TEST(Handlebars, ValuesPrintAsJavaScriptPrintsThem) {
  const std::pair<std::string, std::string> table[] = {{"1", "1"},
                                                       {"1.0", "1"},
                                                       {"-0.5", "-0.5"},
                                                       {"19.99", "19.99"},
                                                       {"1e21", "1e+21"},
                                                       {"1e-7", "1e-7"},
                                                       {"0.000001", "0.000001"},
                                                       {"123456789012", "123456789012"},
                                                       {"1.5e300", "1.5e+300"},
                                                       {"0.1", "0.1"},
                                                       {"true", "true"},
                                                       {"[1,[2,null],\"x\"]", "1,2,,x"},
                                                       {"{}", "[object Object]"},
                                                       {"9007199254740993", "9007199254740993"},
                                                       {"\"<&>\"", "<&>"},
                                                       {"100", "100"},
                                                       {"1e2", "100"}};
  for (const auto& [value, wanted] : table)
    EXPECT_EQ(render("{{x}}", "{\"x\":" + value + "}"), wanted) << value;
}

TEST(Handlebars, Refusals) {
  for (const char* source : {"{{",
                             "{{x",
                             "{{x}",
                             "{{}}",
                             "{{#if x}}",
                             "{{/if}}",
                             "{{else}}",
                             "{{#if x}}{{/each}}",
                             "{{#if}}{{/if}}",
                             "{{nohelper x}}",
                             "{{#nohelper x}}{{/nohelper}}",
                             "{{#if x}}{{else}}{{else}}{{/if}}",
                             "{{x}}}",
                             "{{{x}}",
                             "{{{{raw}}}}{{{{/raw}}}}",
                             "{{#> p}}{{/p}}",
                             "{{a.../b}}",
                             "{{a/../b}}",
                             "{{lookup x}}",
                             "{{if x}}",
                             "{{! open",
                             "{{!-- open }}",
                             "{{\"x}}",
                             "{{[x}}",
                             "{{#each x as |}}{{/each}}",
                             "{{#each x as ||}}{{/each}}",
                             "{{x y=}}",
                             "{{#*other \"x\"}}{{/other}}",
                             "{{#*inline x}}{{/inline}}"})
    EXPECT_FALSE(Template::parse(source).ok()) << source;
  auto fault = Template::parse("a\nb\n{{#if x}}");
  ASSERT_FALSE(fault.ok());
  EXPECT_EQ(fault.error(), "line 3: `if` is not closed");
}

TEST(Handlebars, TheSimpleDialect) {
  const std::string no = "PARSE Template contains unsupported operations";
  const std::pair<std::string, std::string> table[] = {
      {"Hi {{name}}!", "Hi Ann!"},
      {"{{ name }}", "Ann"},
      {"plain", "plain"},
      {"{{a_b}}", no},
      {"{{a.b}}", no},
      {"{{#if name}}x{{/if}}", no},
      {"{{{name}}}", no},
      {"{{! c }}", no},
      {"{{> p}}", no},
      {"{{this}}", no},
      {"{{@root}}", no},
      {"{{lookup a b}}", no},
      {"{{~name}}", no},
      {"{{", no},
      {"{{../name}}", no},
      {"{{amazonSESUnsubscribeUrl}}", "{{amazonSESUnsubscribeUrl}}"}};
  for (const auto& [source, wanted] : table)
    EXPECT_EQ(render(source, R"({"name":"Ann"})", TemplateDialect::simple), wanted) << source;
}

TEST(Handlebars, PlaceholdersOfOthersStay) {
  EXPECT_EQ(render("{{amazonSESUnsubscribeUrl}}{{ ses:openTracker }}", "{}"),
            "{{amazonSESUnsubscribeUrl}}{{ses:openTracker}}");
  EXPECT_EQ(render("{{#each x}}{{amazonSESUnsubscribeUrl}}{{/each}}", R"({"x":[1]})"),
            "{{amazonSESUnsubscribeUrl}}");
}

TEST(Handlebars, DataOverData) {
  auto base = *TemplateData::parse(R"({"a":"1","b":"2"})");
  auto over = *TemplateData::parse(R"({"b":"3","c":"4"})");
  auto both = base.with(over);
  auto parsed = *Template::parse("{{a}}{{b}}{{c}}{{#each this}}{{@key}}{{.}}{{/each}}{{@root.c}}");
  EXPECT_EQ(*parsed->render(both), "134a1b3c44");
  EXPECT_EQ(*parsed->render(both.with(*TemplateData::parse(R"({"a":"9"})"))), "934a9b3c44");
  EXPECT_FALSE(TemplateData::parse("[]").ok());
  EXPECT_FALSE(TemplateData::parse("{").ok());
  EXPECT_FALSE(TemplateData::parse("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}").ok());
}

// Each of these ends soon, whatever it ends with.
TEST(Handlebars, HostileInputIsBounded) {
  auto repeat = [](std::string_view what, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += what;
    return out;
  };
  std::string many = "{\"x\":[0" + repeat(",0", 3000) + "],\"s\":\"" + std::string(100'000, 's') + "\"}";
  const std::pair<std::string, std::string> table[] = {
      {repeat("{{#each @root.x}}", 5) + "a" + repeat("{{/each}}", 5),
       "FAULT Rendering the template takes too many steps."},
      {"{{#each x}}{{@root.s}}{{/each}}", "FAULT The rendered content is too large."},
      {"{{#*inline \"a\"}}{{> a}}{{> a}}{{/inline}}{{> a}}", "FAULT Partials are nested too deeply."},
      {repeat("{{#if x}}", 1000) + repeat("{{/if}}", 1000), "PARSE line 1: blocks are nested too deeply"},
      {repeat("{{! ", 1'000'000), "PARSE line 1: a comment is not closed"},
      {repeat("{{x}}", 60'000), "PARSE line 1: the template has too many parts"},
      {repeat("{{lookup (", 60'000), "PARSE line 1: a name was expected"},
      {"{{#if " + repeat("(lookup x ", 1000), "PARSE line 1: expressions are nested too deeply"},
      {repeat("{", 1'000'000), "PARSE line 1: raw blocks are not supported"},
      {repeat("\\{{", 1000), repeat("{{", 1000)},
      {repeat(" \n", 200'000) + "{{! c }}" + repeat(" \n", 200'000), repeat(" \n", 399'999)},
  };
  for (const auto& [source, wanted] : table) {
    EXPECT_EQ(render(source, many).substr(0, 60), wanted.substr(0, 60)) << source.substr(0, 60);
  }
}

}  // namespace
}  // namespace mail
