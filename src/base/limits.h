// Limits of SES that more than one room must agree on (SEMANTICS §5.2, §7) and caps of ours on what comes in.
#pragma once

#include <cstddef>

namespace base::limits {

inline constexpr std::size_t kMaxRecipients = 50;
inline constexpr std::size_t kMessageBytesV1 = 10485760;
inline constexpr std::size_t kMessageBytesV2 = 41943040;  // also SMTP
inline constexpr std::size_t kMaxTags = 50;
inline constexpr std::size_t kMaxAddressLength = 320;  // UTF-16 units
inline constexpr std::size_t kMaxExtraHeaders = 15;

// HTTP bodies: base64 and JSON or form encoding around the largest message (ARCHITECTURE 3.3).
inline constexpr std::size_t kHttpBodyV2Send = 56u << 20;
inline constexpr std::size_t kHttpBodyV1 = 41u << 20;
inline constexpr std::size_t kHttpBodyOther = 1u << 20;

}  // namespace base::limits
