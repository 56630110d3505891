#include "aws/pattern.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>

namespace aws {
namespace {

// The next code point; a byte that is not UTF-8 stands for itself above Unicode, where no class reaches.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(at);
  std::size_t extra = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (extra == 0) {
    ++at;
    return lead < 0x80 ? lead : 0x110000u + lead;
  }
  if (at + extra >= text.size()) {
    ++at;
    return 0x110000u + lead;
  }
  std::uint32_t point = lead & (0x3F >> extra);
  for (std::size_t i = 1; i <= extra; ++i) point = (point << 6) | (byte(at + i) & 0x3F);
  at += extra + 1;
  return point;
}

bool in_class(std::span<const Range> ranges, std::uint32_t point) {
  auto it =
      std::partition_point(ranges.begin(), ranges.end(), [&](const Range& r) { return r.high < point; });
  return it != ranges.end() && it->low <= point;
}

// The set of program positions alive at one place of the text.
struct Threads {
  std::bitset<kMaxProgram> seen;
  std::array<std::uint16_t, kMaxProgram> list;
  std::size_t count = 0;

  void clear() {
    seen.reset();
    count = 0;
  }
  void add(std::span<const Instruction> program, std::uint16_t start) {
    std::array<std::uint16_t, kMaxProgram> stack;
    std::size_t depth = 0;
    stack[depth++] = start;
    seen.set(start);
    auto push = [&](std::uint16_t target) {
      if (!seen.test(target)) {
        seen.set(target);
        stack[depth++] = target;
      }
    };
    while (depth) {
      std::uint16_t at = stack[--depth];
      const Instruction& i = program[at];
      if (i.op == Instruction::jump) {
        push(i.x);
      } else if (i.op == Instruction::split) {
        push(i.x);
        push(i.y);
      } else {
        list[count++] = at;
      }
    }
  }
};

}  // namespace

bool matches(const Pattern& pattern, std::string_view utf8) {
  Threads first, second;
  Threads* now = &first;
  Threads* next = &second;
  now->add(pattern.program, 0);
  for (std::size_t at = 0; at < utf8.size();) {
    std::uint32_t point = next_code_point(utf8, at);
    next->clear();
    for (std::size_t i = 0; i < now->count; ++i) {
      const Instruction& step = pattern.program[now->list[i]];
      if (step.op != Instruction::accept_class || !in_class(pattern.classes[step.x], point)) continue;
      std::uint16_t target = static_cast<std::uint16_t>(now->list[i] + 1);
      if (!next->seen.test(target)) next->add(pattern.program, target);
    }
    if (next->count == 0) return false;
    std::swap(now, next);
  }
  for (std::size_t i = 0; i < now->count; ++i)
    if (pattern.program[now->list[i]].op == Instruction::match) return true;
  return false;
}

}  // namespace aws
