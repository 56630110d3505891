// Fills a contact list with a million contacts (or as many as the argument says) and measures a page of
// ListContacts for each form of its filter, at places all over the list; prints the median and the slowest in
// milliseconds. Run: build/release/benchmarks/contact_pages [CONTACTS].
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/run_task.h"
#include "ses/contact.h"
#include "ses/contact_rows.h"
#include "ses/schema.h"
#include "store/store.h"

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kTopics = 5;
constexpr int kBatch = 20000;
constexpr int kRounds = 40;

double ms_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

// Addresses that do not come in order of their numbers.
std::string address_of(std::uint64_t i) {
  return fmt::format("user{:016x}@example{}.net", (i + 1) * 0x9e3779b97f4a7c15u, i % 50);
}

ses::Contact contact_of(std::uint64_t i, const ses::ContactList& list) {
  ses::Contact c;
  c.address = address_of(i);
  c.unsubscribed_all = i % 20 == 0;
  // Topic 0: half chose, most of them out; topic 1: nobody; the others: one in five.
  if (i % 2 == 0)
    c.choose(list.topics[0], i % 10 == 0 ? ses::Subscription::opt_in : ses::Subscription::opt_out);
  for (std::size_t t = 2; t < kTopics; ++t)
    if (i % 5 == t % 5) c.choose(list.topics[t], ses::Subscription::opt_in);
  return c;
}

void fill(store::Store& store, const ses::ContactList& list, std::uint64_t contacts) {
  for (std::uint64_t begin = 0; begin < contacts; begin += kBatch) {
    auto end = std::min<std::uint64_t>(contacts, begin + kBatch);
    store.write_now([&](store::Db& db) {
      for (auto i = begin; i < end; ++i)
        ses::contact_rows::save(db, list.id, std::nullopt, contact_of(i, list));
    });
  }
}

void measure(ses::Contacts& contacts, ses::ContactListPtr list, const ses::ContactFilter& filter,
             std::size_t size) {
  std::vector<double> times;
  std::size_t items = 0;
  for (int round = 0; round < kRounds; ++round) {
    auto after = fmt::format("user{:x}", round % 16) + std::string(round / 16 * 2, '8');
    auto start = Steady::now();
    auto page = base::run_task(contacts.list(list, filter, after, size));
    times.push_back(ms_since(start));
    items += page.items.size();
  }
  std::sort(times.begin(), times.end());
  fmt::print("  {:<22} page of {:>4}: median {:6.2f} ms, slowest {:6.2f} ms, {:6.1f} contacts on average\n",
             filter.text(), size, times[times.size() / 2], times.back(), double(items) / kRounds);
}

int run(std::uint64_t count, const std::string& folder) {
  store::StoreOptions options;
  options.folder = folder;
  options.durable = false;
  auto store = store::Store::open(options, ses::schema_steps());
  base::SystemClock clock;
  ses::ContactLists lists(*store, clock);
  ses::Contacts contacts(*store, lists, clock);
  ses::Caller caller;
  caller.scope = {ses::AccountId("000000000000"), ses::Region("us-east-1")};
  ses::ContactLists::Content content;
  content.topics.emplace();
  for (std::size_t t = 0; t < kTopics; ++t) {
    ses::Topic topic;
    topic.name = topic.display_name = "topic" + std::to_string(t);
    content.topics->push_back(std::move(topic));
  }
  base::run_task(lists.create(caller, "list", std::move(content), {}));
  auto list = lists.find(caller.scope, "list");
  auto start = Steady::now();
  fill(*store, *list, count);
  auto size = std::filesystem::file_size(folder + "/sesame.db");
  fmt::print("{} contacts in {:.1f} s, {:.0f} MB\n", count, ms_since(start) / 1000, double(size) / 1e6);

  using S = ses::Subscription;
  for (std::size_t page : {50u, 1000u}) {
    measure(contacts, list, {}, page);
    ses::ContactFilter nobody;  // the longest walk there is: no index, and nothing found
    nobody.topic = "topic1";
    measure(contacts, list, nobody, page);
    for (auto status : {S::opt_in, S::opt_out}) {
      ses::ContactFilter filter;
      filter.status = status;
      measure(contacts, list, filter, page);
      for (const char* topic : {"topic0", "topic1", "topic2"})
        for (bool use_default : {false, true}) {
          filter.topic = topic;
          filter.use_default = use_default;
          measure(contacts, list, filter, page);
        }
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto pattern = (std::filesystem::temp_directory_path() / "sesame-contacts-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) return 1;
  int result = run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000, pattern);
  std::filesystem::remove_all(pattern);
  return result;
}
