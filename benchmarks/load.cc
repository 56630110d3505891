// Load source: sends mails through SMTP or the v2 API as fast as the server answers, from a number of clients
// at once, and prints one line of JSON: how many were acknowledged, how fast, and how long each took.
#include <stdio.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "benchmarks/args.h"
#include "benchmarks/run.h"

namespace load {

std::optional<std::int64_t> Run::take() {
  if (stopped()) return std::nullopt;
  return next++;
}

void Run::acknowledged(std::int64_t number, std::int64_t started_ns, std::string_view remote_id) {
  std::int64_t now = now_ns();
  if (report.acknowledged++ == 0) report.first_answer_ns = now;
  report.end_ns = now;
  report.latencies.add(now - started_ns);
  if (acknowledged_log)
    std::fprintf(acknowledged_log, "%s %.*s\n", plan.id(number).c_str(), static_cast<int>(remote_id.size()),
                 remote_id.data());
}

namespace {

constexpr const char* kUsage =
    "usage: load smtp|api --to HOST:PORT [--clients N] [--count N] [--seconds S] [--size BYTES] [--from A]\n"
    "  [--rcpt user@d%.example --domains N] [--run ID] [--persist] [--log FILE of acknowledged ids]\n"
    "  [--big-size BYTES --big-every N]\n"
    "  smtp: [--user U --password P] [--per-connection N] [--mail FILE to send, ids on top]\n"
    "  api: [--key ID --secret S --region R] [--no-sign] [--raw]\n"
    "  api, many a call: [--bulk ENTRIES --template NAME]; the numbers count recipients\n";

void drive(Run& run, std::vector<std::unique_ptr<Client>>& clients) {
  run.report.start_ns = now_ns();
  for (auto& client : clients) client->start();
  std::int64_t last_tick = 0;
  while (true) {
    run.poller.wait(10);
    std::int64_t now = now_ns();
    if (now - last_tick < 10'000'000) continue;
    last_tick = now;
    for (auto& client : clients) client->tick();
    if (std::all_of(clients.begin(), clients.end(), [](auto& client) { return client->finished(); })) break;
    if (run.acknowledged_log) std::fflush(run.acknowledged_log);
  }
}

std::string file_text(const std::string& name) {
  if (name.empty()) return {};
  std::ifstream in(name, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

int main_of(int argc, char** argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  if (mode != "smtp" && mode != "api") throw std::runtime_error(kUsage);
  Args args(argc, argv, 2);
  Run run;
  std::tie(run.host, run.port) = host_and_port(args.need("to"));
  std::int64_t clients = args.number("clients", 16), seconds = args.number("seconds", 0);
  run.count = args.number("count", seconds > 0 ? INT64_MAX : 1000);
  run.persist = args.flag("persist");
  run.plan.run = args.text("run", "run");
  run.plan.from = args.text("from", "sender@example.com");
  run.plan.recipient = args.text("rcpt", "user@example.org");
  run.plan.domains = std::max<std::int64_t>(1, args.number("domains", 1));
  run.plan.size = static_cast<std::size_t>(args.number("size", 10240));
  run.plan.big_size = static_cast<std::size_t>(args.number("big-size", 0));
  run.plan.big_every = args.number("big-every", 0);
  run.plan.fixed = file_text(args.text("mail", ""));
  SmtpOptions smtp{args.text("user", ""), args.text("password", ""), args.number("per-connection", 0)};
  ApiOptions api{args.text("key", "AKIAIOSFODNN7EXAMPLE"),
                 args.text("secret", "secret"),
                 args.text("region", "us-east-1"),
                 args.flag("raw"),
                 !args.flag("no-sign"),
                 args.number("bulk", 0),
                 args.text("template", "load")};
  std::string log = args.text("log", "");
  args.finish();
  if (!log.empty() && !(run.acknowledged_log = std::fopen(log.c_str(), "a")))
    throw std::runtime_error("cannot write " + log);

  std::vector<std::unique_ptr<Client>> all;
  for (std::int64_t i = 0; i < clients; ++i)
    all.push_back(mode == "smtp" ? make_smtp_client(run, smtp) : make_api_client(run, api));
  if (seconds > 0) run.stop_ns = now_ns() + seconds * 1'000'000'000;
  drive(run, all);
  if (run.acknowledged_log) std::fclose(run.acknowledged_log);
  std::printf("%s\n", run.report.json().c_str());
  return run.report.failed + run.report.in_doubt > 0 && !run.persist ? 1 : 0;
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  try {
    return load::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
