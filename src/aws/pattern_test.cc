#include "aws/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "aws/shape.h"
#include "model/sesv2_types.h"

namespace aws {
namespace {

const Pattern& pattern_of(const StructInfo& info, std::string_view member) {
  for (const MemberInfo& m : info.members)
    if (m.name == member) return *m.type->constraints->pattern;
  throw std::logic_error("no such member");
}
template <class T>
const Pattern& pattern_of(std::string_view member) {
  return pattern_of(describe(static_cast<const T*>(nullptr)), member);
}

TEST(Pattern, Arn) {
  const auto& p = pattern_of<sesv2::PutConfigurationSetArchivingOptionsRequest>("ArchiveArn");
  std::string id(24, 'a');
  EXPECT_TRUE(matches(p, "arn:aws:ses:us-east-1:000000000000:mailmanager-archive/a-" + id));
  EXPECT_TRUE(matches(p, "arn:aws-us-gov:ses:us-gov-west-1:0:mailmanager-archive/a-" + id));
  EXPECT_FALSE(matches(p, "arn:aws:ses:us-east-1:000000000000:mailmanager-archive/a-" + id.substr(1)));
  EXPECT_FALSE(matches(p, "x arn:aws:ses:us-east-1:000000000000:mailmanager-archive/a-" + id));
  EXPECT_FALSE(matches(p, ""));
}

TEST(Pattern, Selector) {
  const auto& p = pattern_of<sesv2::DkimSigningAttributes>("DomainSigningSelector");
  for (const char* good : {"a", "ab", "a-b", "A1"}) EXPECT_TRUE(matches(p, good)) << good;
  for (const char* bad : {"", "-", "a-", "-a", "a_b", "a\n"}) EXPECT_FALSE(matches(p, bad)) << bad;
}

TEST(Pattern, Token) {
  const auto& p = pattern_of<sesv2::ListMultiRegionEndpointsRequest>("NextToken");
  for (const char* good : {"", "AAAA", "AAA=", "AA==", "AAAAAA=="}) EXPECT_TRUE(matches(p, good)) << good;
  for (const char* bad : {"A", "AA", "A===", "AA==AAAA"}) EXPECT_FALSE(matches(p, bad)) << bad;
}

TEST(Pattern, NestedRepeatsTakeLinearTime) {
  const auto& p = pattern_of<sesv2::ImportDataSource>("S3Url");
  EXPECT_TRUE(matches(p, "s3://bucket/key/more"));
  EXPECT_TRUE(matches(p, "s3://bucket/key/"));
  EXPECT_FALSE(matches(p, "s3://bucket/"));
  // Long enough that anything worse would not end.
  EXPECT_FALSE(matches(p, "s3://b/" + std::string(2'000'000, '/')));
}

TEST(Pattern, BrokenUtf8NeverMatchesAClass) {
  const auto& p = pattern_of<sesv2::MessageHeader>("Value");
  EXPECT_TRUE(matches(p, "plain ~"));
  for (const char* bad : {"\xff", "a\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\xa9"})
    EXPECT_FALSE(matches(p, bad));
}

}  // namespace
}  // namespace aws
