// Whole sessions: any bytes, cut into any pieces, against a server with small limits.
#include <cstdlib>

#include "base/run_task.h"
#include "smtp/memory_stream.h"
#include "smtp/test_policy.h"

namespace {

using namespace smtp;
using namespace smtp::testing;

void require(bool holds) {
  if (!holds) std::abort();
}

alignas(16) char g_no_context[64];  // never looked into by a ScriptedStream

bool has_bare_line_end(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return true;
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) return true;
  }
  return false;
}

void check_replies(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find("\r\n", at);
    require(end != std::string::npos && end - at >= 4);
    require(text[at] >= '2' && text[at] <= '5');
    require(text[at + 3] == ' ' || text[at + 3] == '-');
    at = end + 2;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  if (size < 2) return 0;
  const unsigned flags = bytes[0];
  const std::size_t cut = 1 + bytes[1];
  std::string_view input(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  ServerFeatures features;
  features.starttls = (flags & 1) != 0;
  features.require_tls = (flags & 2) != 0;
  features.require_auth = (flags & 4) != 0;
  features.auth_before_tls = (flags & 8) != 0;
  features.smtputf8 = (flags & 16) != 0;
  features.tls = static_cast<const net::TlsServerContext*>(static_cast<const void*>(g_no_context));
  ServerLimits limits;
  limits.max_line = 200;
  limits.max_auth_line = 400;
  limits.max_message = 1000;
  limits.max_data_line = 600;
  limits.max_recipients = 3;
  const auto budget = std::make_shared<net::ByteBudget>(1 << 20);
  const auto notes = std::make_shared<Notes>();
  const auto script = std::make_shared<Script>();
  std::string written;
  script->peer = [&](std::string text) {
    written += text;
    Given given{std::string(input.substr(0, cut)), net::IoError::none};
    input.remove_prefix(given.bytes.size());
    return given;
  };
  base::run_task(serve(std::make_unique<ScriptedStream>(script), std::make_unique<NotingPolicy>(notes),
                       features, limits, budget));
  check_replies(written + script->written);
  for (const auto& message : notes->messages) {
    require(message.size() <= limits.max_message && !has_bare_line_end(message));
  }
  require(budget->used() == 0);
  return 0;
}
