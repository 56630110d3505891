// Any bytes as commands, replies and mail data.
#include <cstdlib>

#include "smtp/dot.h"
#include "smtp/grammar.h"
#include "smtp/reply_parser.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_commands(std::string_view text) {
  const auto command = smtp::parse_command(text);
  for (const std::string_view keyword : {"FROM:", "TO:"}) {
    const auto path = smtp::parse_path(command.args, keyword);
    if (path) require(path->address.size() <= text.size() && path->parameters.size() <= 20);
  }
  require(smtp::path_for_reply(command.args).size() <= 256);
  static_cast<void>(smtp::parse_bdat(command.args));
  const auto decoded = smtp::decode_auth(command.args);
  if (decoded) static_cast<void>(smtp::parse_plain(*decoded));
}

void read_replies(std::string_view text, std::size_t cut) {
  smtp::ReplyParser parser;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, cut);
    text.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto status = parser.feed(piece);
      if (status == smtp::ReplyParser::Status::malformed) return;
      if (status != smtp::ReplyParser::Status::done) break;
      const smtp::Reply reply = parser.take();
      require(reply.code >= 200 && reply.code < 600);
      static_cast<void>(reply.enhanced_status());
      static_cast<void>(smtp::parse_capabilities(reply));
      static_cast<void>(reply.wire());
    }
  }
}

struct Read {
  std::string text;
  std::size_t eaten = 0;
  bool done = false, bare = false;
};

Read read_data(std::string_view wire, std::size_t cut) {
  smtp::DotDecoder decoder;
  Read read;
  while (read.eaten < wire.size() && !decoder.done()) {
    read.eaten += decoder.feed(wire.substr(read.eaten, cut), &read.text);
  }
  read.done = decoder.done();
  read.bare = decoder.bare_line_end();
  return read;
}

// The end is at the first CRLF.CRLF, whatever the pieces.
void check_data(std::string_view wire, std::size_t cut) {
  const Read whole = read_data(wire, wire.size() + 1);
  const Read pieces = read_data(wire, cut);
  require(whole.text == pieces.text && whole.eaten == pieces.eaten && whole.done == pieces.done &&
          whole.bare == pieces.bare);
  const std::string text = "\r\n" + std::string(wire);
  const std::size_t end = text.find("\r\n.\r\n");
  require(whole.done == (end != std::string::npos));
  if (whole.done) require(whole.eaten == end + 3);
}

// What the stuffer makes is what the decoder undoes.
void check_stuffing(std::string_view text, std::size_t cut) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < text.size(); at += cut) parts.push_back(text.substr(at, cut));
  smtp::DotStuffer stuffer(parts);
  std::string wire;
  for (auto slices = stuffer.next(); !slices.empty(); slices = stuffer.next()) {
    require(slices.size() <= smtp::DotStuffer::kMaxSlices);
    for (const auto slice : slices) wire += slice;
  }
  smtp::LineEndCheck check;
  check.feed(text);
  check.finish();
  const Read back = read_data(wire, cut);
  require(back.done && back.eaten == wire.size());
  if (check.bare_line_end()) return;
  require(!back.bare);
  const bool whole_lines = text.empty() || text.ends_with("\r\n");
  require(back.text == (whole_lines ? std::string(text) : std::string(text) + "\r\n"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = 1 + bytes[0] % 32;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  read_commands(text);
  read_replies(text, cut);
  check_data(text, cut);
  check_stuffing(text, cut);
  return 0;
}
