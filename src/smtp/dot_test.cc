#include "smtp/dot.h"

#include <gtest/gtest.h>

#include <random>

namespace smtp {
namespace {

std::string stuffed(const std::vector<std::string_view>& parts) {
  DotStuffer stuffer(parts);
  std::string out;
  for (auto slices = stuffer.next(); !slices.empty(); slices = stuffer.next()) {
    EXPECT_LE(slices.size(), DotStuffer::kMaxSlices);
    for (const auto slice : slices) out += slice;
  }
  EXPECT_TRUE(stuffer.finished());
  return out;
}

struct Decoded {
  std::string text, rest;
  bool done, bare;
};

Decoded decoded(std::string_view wire, std::size_t cut) {
  DotDecoder decoder;
  Decoded out{};
  std::size_t at = 0;
  while (at < wire.size() && !decoder.done()) {
    const std::size_t eaten = decoder.feed(wire.substr(at, cut), &out.text);
    EXPECT_TRUE(eaten == std::min(cut, wire.size() - at) || decoder.done());
    at += eaten;
  }
  out.rest = wire.substr(at);
  out.done = decoder.done();
  out.bare = decoder.bare_line_end();
  return out;
}

TEST(DotStuffer, AddsDotsAndTheEnd) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n.\r\n"},
      {"a\n.b\r\n", "a\n..b\r\n.\r\n"},
      {"a\r\n\r\n", "a\r\n\r\n.\r\n"},
      {"a\n", "a\n\r\n.\r\n"},
      {"\n", "\n\r\n.\r\n"},
      {"a\r", "a\r\r\n.\r\n"},
  };
  for (const auto& [text, wire] : cases) {
    EXPECT_EQ(stuffed({text}), wire);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      const std::string_view view = text;
      EXPECT_EQ(stuffed({view.substr(0, i), "", view.substr(i)}), wire) << i;
    }
  }
}

TEST(DotStuffer, DoesNotCopyWhatNeedsNoDots) {
  const std::string text = std::string(100000, 'x') + "\r\n";
  const std::vector<std::string_view> parts{text};
  DotStuffer stuffer(parts);
  const auto slices = stuffer.next();
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[0].data(), text.data());
  EXPECT_TRUE(stuffer.finished());
}

TEST(DotStuffer, GathersCrowdedDots) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += ".\r\n";
  const std::vector<std::string_view> parts{text};
  DotStuffer stuffer(parts);
  int batches = 0;
  while (!stuffer.next().empty()) ++batches;
  EXPECT_LE(batches, 3);
}

TEST(DotDecoder, EndsAtCrlfDotCrlfOnly) {
  struct Case {
    std::string wire, text, rest;
    bool done, bare;
  };
  const Case cases[] = {
      {".\r\nQUIT", "", "QUIT", true, false},
      {"a\r\n.\r\n", "a\r\n", "", true, false},
      {"a\r\n..\r\n.\r\nX", "a\r\n.\r\n", "X", true, false},
      {"a\r\n.b\r\n.\r\n", "a\r\nb\r\n", "", true, false},
      {"..\r\n.\r\n", ".\r\n", "", true, false},
      {"a\r\n.\r", "a\r\n", "", false, false},
      {"a\n.\n", "a\n.\n", "", false, true},
      {"a\r\n.\n", "a\r\n\n", "", false, true},
      {"a\n.\r\nMAIL", "a\n.\r\nMAIL", "", false, true},
      {"a\r.\r\nb", "a\r.\r\nb", "", false, true},
      {"a\r\r\n.\r\nb", "a\r\r\n", "b", true, true},
      {"a\r\n.\r\r\n", "a\r\n\r\n", "", false, true},
      {"a\rb\r\n.\r\n", "a\rb\r\n", "", true, true},
  };
  for (const auto& c : cases) {
    for (std::size_t cut = 1; cut <= c.wire.size(); ++cut) {
      const Decoded d = decoded(c.wire, cut);
      EXPECT_EQ(d.done, c.done) << c.wire << cut;
      EXPECT_EQ(d.bare, c.bare) << c.wire << cut;
      EXPECT_EQ(d.rest, c.rest) << c.wire << cut;
      if (!c.bare) {
        EXPECT_EQ(d.text, c.text) << c.wire << cut;
      }
    }
  }
}

TEST(DotDecoder, UndoesTheStuffer) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    const std::size_t lines = random() % 200;
    for (std::size_t i = 0; i < lines; ++i) {
      text +=
          std::string(random() % 3, '.') + std::string(random() % (round % 5 == 0 ? 3000 : 5), 'x') + "\r\n";
    }
    std::vector<std::string_view> parts;
    const std::string_view view = text;
    for (std::size_t at = 0; at < view.size();) {
      const std::size_t n = 1 + random() % view.size();
      parts.push_back(view.substr(at, n));
      at += parts.back().size();
    }
    const Decoded d = decoded(stuffed(parts) + "rest", 1 + random() % 5000);
    EXPECT_TRUE(d.done);
    EXPECT_FALSE(d.bare);
    ASSERT_EQ(d.text, text);
    EXPECT_EQ(d.rest, "rest");
  }
}

TEST(DotDecoder, MeasuresLines) {
  DotDecoder decoder;
  decoder.feed("aaa\r\nbbbbb", nullptr);
  decoder.feed("bbbbb\r\nc", nullptr);
  EXPECT_EQ(decoder.line_octets(), 11u);  // with its CR
}

TEST(LineEndCheck, SeesAcrossPieces) {
  const std::pair<std::string, bool> cases[] = {
      {"a\r\nb\r\n", false}, {"", false},       {"a", false},      {"\r\n\r\n", false}, {"a\nb", true},
      {"a\rb", true},        {"a\r\r\n", true}, {"a\r\n\n", true}, {"a\r", true},       {"\n", true},
  };
  for (const auto& [text, bare] : cases) {
    for (std::size_t cut = 1; cut <= std::max<std::size_t>(text.size(), 1); ++cut) {
      LineEndCheck check;
      for (std::size_t at = 0; at < text.size(); at += cut)
        check.feed(std::string_view(text).substr(at, cut));
      check.finish();
      EXPECT_EQ(check.bare_line_end(), bare) << text << cut;
    }
  }
}

}  // namespace
}  // namespace smtp
