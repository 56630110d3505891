// Message tags: their checks (SES §5.3) and the X-SES-MESSAGE-TAGS header (SES §11.4). Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mail {

using Tag = std::pair<std::string, std::string>;

inline constexpr std::string_view kFeedbackTagA = "ses:feedback-id-a";
inline constexpr std::string_view kFeedbackTagB = "ses:feedback-id-b";

// The fault text for the first tag that breaks a rule; names that start "ses:" pass only if they are the two
// feedback tags.
std::optional<std::string> check_tag(std::string_view name, std::string_view value);
std::optional<std::string> check_tags(std::span<const Tag> tags);

// `n1=v1, n2=v2`. Checked as the tags of a call are; a piece without '=' has an empty value, and so a fault.
base::Result<std::vector<Tag>, std::string> parse_tags_header(std::string_view value);

}  // namespace mail
