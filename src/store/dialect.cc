#include "store/dialect.h"

#include <atomic>
#include <mutex>
#include <set>

namespace store {
namespace {
std::atomic<bool> g_recording{false};
std::mutex g_mutex;
std::set<std::string> g_texts;
}  // namespace

void record_statements(bool on) { g_recording = on; }

std::vector<std::string> registered_statements() {
  std::lock_guard lock(g_mutex);
  return {g_texts.begin(), g_texts.end()};
}

void note_statement(const char* sql) {
  if (!g_recording.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(g_mutex);
  g_texts.insert(sql);
}

}  // namespace store
