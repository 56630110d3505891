// A small matcher for the regular expressions of the models: the generator compiles each into a program of
// classes, jumps and splits, and matches() runs all alternatives side by side over the code points, so its
// time is bounded by text length times program length. The whole text must match, as in AWS's services. Any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace aws {

struct Range {
  std::uint32_t low, high;  // inclusive
};

struct Instruction {
  enum Op : std::uint8_t { accept_class, jump, split, match } op;
  std::uint16_t x = 0;  // class: its number; jump: the target; split: the first target
  std::uint16_t y = 0;  // split: the second target
};

struct Pattern {
  std::string_view text;  // as the model writes it and AWS prints it
  std::span<const Instruction> program;
  std::span<const std::span<const Range>> classes;
};

bool matches(const Pattern& pattern, std::string_view utf8);

inline constexpr std::size_t kMaxProgram = 512;

}  // namespace aws
