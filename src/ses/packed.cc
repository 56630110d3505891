#include "ses/packed.h"

#include "base/encoding.h"

namespace ses {

std::string pack(const std::vector<PackedRow>& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i) out += '&';
    for (std::size_t k = 0; k < rows[i].size(); ++k) out += (k ? "=" : "") + base::percent_encode(rows[i][k]);
  }
  return out;
}

std::vector<PackedRow> unpack(std::string_view text, std::size_t fields) {
  std::vector<PackedRow> out;
  if (text.empty()) return out;
  for (auto part : base::split(text, '&')) {
    PackedRow row;
    for (auto field : base::split(part, '=')) row.push_back(base::percent_decode(field));
    if (row.size() == fields) out.push_back(std::move(row));
  }
  return out;
}

}  // namespace ses
