// The scan for content that must not leave (SES §21). Pure; bounded in what it decodes.
#pragma once

#include <string_view>

namespace mail {

// The EICAR test string stands in it: as it is, or within base64, quoted-printable or a forwarded message.
bool has_bad_content(std::string_view message);

}  // namespace mail
