// Small tables in one column: rows joined by '&', their fields by '=', each percent-encoded, e.g. tags as
// name=value&name=value. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ses {

using PackedRow = std::vector<std::string>;

std::string pack(const std::vector<PackedRow>& rows);
// Rows of another number of fields than `fields` are left out.
std::vector<PackedRow> unpack(std::string_view text, std::size_t fields);

}  // namespace ses
