// The canonical request of SigV4 and the string to sign, from the raw target and headers. Pure. SES §2.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/sigv4.h"
#include "aws/sigv4_hash.h"

namespace aws {

struct Target {
  std::string_view path;
  std::string_view query;  // without the '?'
};
Target split_target(std::string_view target);

// Value of the first header of this name; null data where there is none.
std::string_view header_value(const SignedRequest& request, std::string_view lower_name);

// Dot segments and doubled slashes gone, then each byte but the unreserved ones and '/' percent-encoded: what
// came encoded is encoded twice.
std::string canonical_path(std::string_view raw_path);

// Names and values of a query string, each decoded and encoded again by RFC 3986.
using QueryPairs = std::vector<std::pair<std::string, std::string>>;
QueryPairs query_pairs(std::string_view raw_query);
std::string canonical_query(std::string_view raw_query, bool leave_out_signature);

// "name:value\n" of one signed header, all its occurrences joined; false where the request has none.
bool append_canonical_header(std::string& out, const SignedRequest& request, std::string_view lower_name);

std::string join_names(const std::vector<std::string>& names);  // a;b;c

// `date/region/service/terminator`
std::string scope_of(const SignatureClaim& claim);
std::string string_to_sign(const SignatureClaim& claim, const Digest& canonical_request);

Digest derive_key(std::string_view secret, std::string_view date, std::string_view region,
                  std::string_view service, std::string_view terminator);

}  // namespace aws
