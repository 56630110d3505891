// Macro strings of SPF (RFC 7208 §7): their syntax. Expansion is in spf_record.h. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mail {

// One piece of a macro string.
struct SpfMacroToken {
  std::size_t length = 0;
  char letter = 0;        // as written; 0: literal text, which stands in `text`
  std::string_view text;  // "%%" reads as "%", "%_" as " ", "%-" as "%20"
  std::size_t keep = 0;   // right-hand labels to keep; 0: all
  bool reverse = false;
  std::string_view delimiters = ".";
  bool is_expand = false;  // began with '%'
};
// The piece at the start of the text (not empty); nullopt if that is no macro string.
std::optional<SpfMacroToken> next_spf_token(std::string_view text);

bool is_spf_macro_string(std::string_view text);
// §7.1: a macro string that ends in a macro or in "." and a top label; c, r and t are for explanations only.
bool is_spf_domain_spec(std::string_view text);

}  // namespace mail
