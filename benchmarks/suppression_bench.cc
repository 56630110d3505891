// The suppression list: how long a look-up takes, in memory and where it must ask the rows, how much memory
// the fingerprints take, and how long a start with that many entries takes. SES §16.
//   suppression_bench [--entries N] [--lookups N] [--folder DIR]
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "base/run_task.h"
#include "ses/schema.h"
#include "ses/suppression.h"

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

const ses::Scope kScope{ses::AccountId("123456789012"), ses::Region("us-east-1")};

// In the order of their numbers, so that the rows are quickly filled in.
std::string address(std::uint64_t n) {
  auto number = std::to_string(n);
  return "user." + std::string(12 - std::min<std::size_t>(12, number.size()), '0') + number + "@mail" +
         std::to_string(n % 997) + ".example.com";
}

void fill(store::Store& store, std::uint64_t entries) {
  constexpr std::uint64_t kAtOnce = 100000;
  for (std::uint64_t first = 0; first < entries; first += kAtOnce) {
    store.write_now([&](store::Db& db) {
      for (auto n = first; n < std::min(entries, first + kAtOnce); ++n) {
        auto key = address(n);
        db.query(
              "INSERT INTO suppressed (account, region, address, reason, updated, message_id, feedback_id) "
              "VALUES (:account, :region, :address, 0, :updated, '', '')")
            .text(":account", kScope.account.str())
            .text(":region", kScope.region.str())
            .text(":address", key)
            .integer(":updated", static_cast<std::int64_t>(1700000000000 + n))
            .run();
      }
    });
  }
}

struct Options {
  std::uint64_t entries = 1000000, lookups = 1000000;
  std::string folder;
};

Options read_options(int argc, char** argv) {
  Options o;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string name = argv[i];
    if (name == "--entries") {
      o.entries = std::stoull(argv[i + 1]);
    } else if (name == "--lookups") {
      o.lookups = std::stoull(argv[i + 1]);
    } else if (name == "--folder") {
      o.folder = argv[i + 1];
    } else {
      throw std::invalid_argument("there is no option " + name);
    }
  }
  return o;
}

// One in a hundred is on the list, as in life; `ask_rows` as a send does when the fingerprints say "perhaps".
void look_up(store::Store& store, const ses::SuppressionList& list, const Options& o) {
  std::uint64_t perhaps = 0, found = 0, misses = 0;
  auto cpu = cpu_seconds();
  auto start = Steady::now();
  store.read_now([&](store::Db& db) {
    for (std::uint64_t i = 0; i < o.lookups; ++i) {
      bool hit = i % 100 == 0;
      misses += hit ? 0 : 1;
      auto key = address(hit ? i * 7919 % o.entries : o.entries + i);
      if (!list.may_have(kScope, key)) continue;
      ++perhaps;
      found += list.find_now(db, kScope, key) ? 1 : 0;
    }
  });
  auto n = static_cast<double>(o.lookups);
  std::printf("look-ups        %.0f, %.2f us of CPU each (%.2f us wall), making the address included\n", n,
              (cpu_seconds() - cpu) * 1e6 / n, seconds_since(start) * 1e6 / n);
  std::printf("asked the rows  %.3f %% (found %.3f %%, needless %.3f %% of the misses)\n",
              100 * static_cast<double>(perhaps) / n, 100 * static_cast<double>(found) / n,
              100 * static_cast<double>(perhaps - found) / static_cast<double>(misses));
}

void run(const Options& o, const std::string& folder) {
  store::StoreOptions options;
  options.folder = folder;
  options.durable = false;
  {
    auto store = store::Store::open(options, ses::schema_steps());
    auto start = Steady::now();
    fill(*store, o.entries);
    std::printf("filled          %llu entries in %.1f s\n", static_cast<unsigned long long>(o.entries),
                seconds_since(start));
  }
  auto store = store::Store::open(options, ses::schema_steps());
  base::SystemClock clock;
  ses::SuppressionList list(*store, clock);
  auto before = resident_mb();
  auto start = Steady::now();
  list.load();
  std::printf("start           %.2f s\n", seconds_since(start));
  std::printf("fingerprints    %.1f MB (resident set grew by %.1f MB, SQLite's cache included)\n",
              static_cast<double>(list.fingerprints().bytes()) / 1e6, resident_mb() - before);
  look_up(*store, list, o);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto options = read_options(argc, argv);
    auto pattern = (options.folder.empty() ? fs::temp_directory_path() : fs::path(options.folder)) /
                   "suppression-XXXXXX";
    auto folder = pattern.string();
    if (!::mkdtemp(folder.data())) throw std::runtime_error("cannot make a temporary folder");
    std::exception_ptr error;
    try {
      run(options, folder);
    } catch (...) {
      error = std::current_exception();
    }
    fs::remove_all(folder);
    if (error) std::rethrow_exception(error);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "suppression_bench: %s\n", e.what());
    return 1;
  }
}
