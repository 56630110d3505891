// Any bytes can be shown: no crash, no growth beyond what came in allows, and what comes out is UTF-8.
#include <cstdint>
#include <cstdlib>

#include "base/encoding.h"
#include "console/mime_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto view = console::read_mime(message);
  if (view.text && !base::is_utf8(*view.text)) std::abort();
  if (view.html && !base::is_utf8(*view.html)) std::abort();
  for (const auto& [name, value] : view.headers)
    if (!base::is_utf8(name) || !base::is_utf8(value)) std::abort();
  if (view.attachments.size() > console::kMaxMimeParts + 1) std::abort();
  for (const auto& attachment : view.attachments) {
    if (!base::is_utf8(attachment.file_name) || !base::is_utf8(attachment.content_id)) std::abort();
    if (console::decode_attachment(attachment).size() != attachment.size) std::abort();
  }
  return 0;
}
