// How long a template of 4 KB with 10 variables takes to render and to parse, in microseconds; no server.
#include <cstdio>
#include <string>

#include "benchmarks/microseconds.h"
#include "mail/handlebars.h"

int main() {
  std::string source, json = "{";
  for (int i = 0; i < 10; ++i) {
    source += "<p>Dear {{name" + std::to_string(i) + "}},</p>\n" + std::string(385, 'x') + "\n";
    json += (i ? ",\"name" : "\"name") + std::to_string(i) + "\":\"value " + std::to_string(i) + "\"";
  }
  json += "}";
  std::string list = "{\"items\":[0";
  for (int i = 1; i < 1000; ++i) list += "," + std::to_string(i);
  list += "]}";

  auto parsed = mail::Template::parse(source);
  auto data = mail::TemplateData::parse(json);
  auto loop = mail::Template::parse("{{#each items}}{{#if this}}<li>{{this}}</li>{{/if}}{{/each}}");
  auto items = mail::TemplateData::parse(list);
  if (!parsed || !data || !loop || !items) return 1;
  std::size_t made = 0;
  double render = microseconds(200'000, [&] { made += (*(*parsed)->render(*data)).size(); });
  double parse = microseconds(20'000, [&] { made += mail::Template::parse(source).ok(); });
  double read = microseconds(100'000, [&] { made += mail::TemplateData::parse(json).ok(); });
  double each = microseconds(2'000, [&] { made += (*(*loop)->render(*items)).size(); });
  std::printf("render %zu octets, 10 variables  %.2f us\nparse the template            %.2f us\n",
              source.size(), render, parse);
  std::printf("read the data                 %.2f us\neach over 1000 items          %.2f us\n", read, each);
  return made == 0;
}
