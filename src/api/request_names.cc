#include "api/request_names.h"

#include <algorithm>
#include <functional>

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/identity_name.h"

namespace api {
namespace {

// More than any operation may name: what is too much is refused here, as it would be by the model.
constexpr std::size_t kMostNames = 512;

void need_room(std::size_t count) {
  if (count >= kMostNames)
    throw base::Fault(base::FaultKind::invalid_parameter, "The request names too many resources or tags.");
}

using Found = std::function<void(const std::string&)>;

// Where inputs name a resource: members by name, through lists; in a map the part is a key.
struct Place {
  std::string_view kind, path;
};
constexpr Place kPlaces[] = {
    {"identity", "EmailIdentity"},
    {"identity", "Domain"},
    {"identity", "Queries.Dimensions.EMAIL_IDENTITY"},
    {"configuration-set", "ConfigurationSetName"},
    {"configuration-set", "Queries.Dimensions.CONFIGURATION_SET"},
    {"template", "TemplateName"},
    {"custom-verification-email-template", "TemplateName"},
    {"contact-list", "ContactListName"},
    {"dedicated-ip-pool", "PoolName"},
    {"dedicated-ip-pool", "DestinationPoolName"},
    {"dedicated-ip-pool", "SendingPoolName"},
    {"dedicated-ip-pool", "DeliveryOptions.SendingPoolName"},
    {"deliverability-test-report", "ReportId"},
    {"export-job", "JobId"},
    {"import-job", "JobId"},
    {"multi-region-endpoint", "EndpointName"},
    {"tenant", "TenantName"},
};
// Where they give its ARN; the kind stands in it.
constexpr std::string_view kArnPlaces[] = {"ResourceArn",
                                           "Filter.RESOURCE_ARN",
                                           "ArchiveArn",
                                           "ArchivingOptions.ArchiveArn",
                                           "ReputationEntityReference",
                                           "ReputationEntityPolicy"};
constexpr std::string_view kSenderPlaces[] = {"FromEmailAddress", "BounceSender"};
constexpr std::string_view kRolePlaces[] = {"EventDestination.KinesisFirehoseDestination.IamRoleArn",
                                            "EventDestination.KinesisFirehoseDestination.IAMRoleARN",
                                            "Rule.Actions.S3Action.IamRoleArn"};

std::pair<std::string_view, std::string_view> split_first(std::string_view path) {
  auto dot = path.find('.');
  if (dot == std::string_view::npos) return {path, {}};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

const aws::MemberInfo* find_member(const aws::StructInfo& info, std::string_view name) {
  auto it = std::find_if(info.members.begin(), info.members.end(),
                         [&](const aws::MemberInfo& m) { return m.name == name; });
  return it == info.members.end() ? nullptr : &*it;
}

void each_text(const aws::StructInfo& info, const void* object, std::string_view path, const Found& found);

struct MapSearch {
  std::string_view key, rest;
  const aws::TypeInfo* element;
  const Found* found;
};

void each_text(const aws::TypeInfo& type, const void* value, std::string_view path, const Found& found) {
  switch (type.kind) {
    case aws::Kind::string:
      if (path.empty()) found(*static_cast<const std::string*>(value));
      return;
    case aws::Kind::list:
      for (std::size_t i = 0; i < type.list->size(value); ++i)
        each_text(*type.element, type.list->at(value, i), path, found);
      return;
    case aws::Kind::structure:
      each_text(*type.structure, value, path, found);
      return;
    case aws::Kind::map: {
      auto [key, rest] = split_first(path);
      MapSearch search{key, rest, type.element, &found};
      type.map->each(value, &search, [](void* context, const std::string& name, const void* held) {
        const auto& s = *static_cast<const MapSearch*>(context);
        if (name == s.key) each_text(*s.element, held, s.rest, *s.found);
      });
      return;
    }
    default:
      return;
  }
}

void each_text(const aws::StructInfo& info, const void* object, std::string_view path, const Found& found) {
  auto [name, rest] = split_first(path);
  const auto* member = find_member(info, name);
  if (!member) return;
  const void* value = aws::member_value(object, *member);
  if (value) each_text(*member->type, value, rest, found);
}

const aws::ResourceUse* find_use(const aws::Permission& permission, std::string_view kind) {
  auto it = std::find_if(permission.resources.begin(), permission.resources.end(),
                         [&](const aws::ResourceUse& use) { return use.kind == kind; });
  return it == permission.resources.end() ? nullptr : &*it;
}

// Names are matched as they are kept.
std::string name_in_arn(std::string_view kind, const std::string& name) {
  if (kind == "identity") return ses::normal_name(name).value_or(name);
  // The id of a tenant is not in the request: only a policy that leaves it open fits.
  if (kind == "tenant") return name + "/*";
  return name;
}

void add(RequestNames& names, NamedResource resource) {
  need_room(names.resources.size());
  auto same = [&](const NamedResource& r) { return r.arn == resource.arn; };
  if (std::none_of(names.resources.begin(), names.resources.end(), same))
    names.resources.push_back(std::move(resource));
}

// arn:aws:ses:REGION:ACCOUNT:KIND/NAME of a kind that the call is checked against.
void add_arn(RequestNames& names, const aws::Permission& permission, const std::string& arn,
             const ses::Scope& scope) {
  constexpr std::size_t kParts = 6;
  auto parts = base::split(arn, ':');
  if (parts.size() < kParts || parts[0] != "arn") return;
  auto resource = std::string_view(arn).substr(static_cast<std::size_t>(parts[5].data() - arn.data()));
  auto slash = resource.find('/');
  if (slash == std::string_view::npos) return;
  const auto* use = find_use(permission, resource.substr(0, slash));
  if (!use) return;
  // Reputation policies are Amazon's own: nobody is asked but the caller's account.
  auto account = parts[4] == "aws" ? scope.account.str() : std::string(parts[4]);
  add(names, {use->kind, arn, std::move(account), std::string(resource.substr(slash + 1))});
}

void read_tags(RequestNames& names, const aws::StructInfo& info, const void* input) {
  // A list of pairs: the keys and the values come in one order, and a pair lacking one is refused later.
  std::vector<std::string> values;
  auto add_key = [&](const std::string& key) {
    need_room(names.tag_keys.size());
    names.tag_keys.push_back(key);
  };
  each_text(info, input, "Tags.Key", add_key);
  each_text(info, input, "Tags.Value", [&](const std::string& value) { values.push_back(value); });
  if (names.tag_keys.size() == values.size())
    for (std::size_t i = 0; i < values.size(); ++i)
      names.tags.emplace_back(names.tag_keys[i], std::move(values[i]));
  each_text(info, input, "TagKeys", add_key);
}

std::string export_source(const aws::StructInfo& info, const void* input) {
  std::string source;
  each_text(info, input, "ExportSourceType", [&](const std::string& given) { source = given; });
  const auto* member = find_member(info, "ExportDataSource");
  const void* held = member ? aws::member_value(input, *member) : nullptr;
  if (!held) return source;
  const auto& data = *member->type->structure;
  auto given = [&](std::string_view name) {
    const auto* one = find_member(data, name);
    return one && aws::member_value(held, *one);
  };
  if (given("MetricsDataSource")) return "METRICS_DATA";
  if (given("MessageInsightsDataSource")) return "MESSAGE_INSIGHTS";
  return source;
}

}  // namespace

RequestNames names_of(const aws::OperationInfo& operation, const aws::Permission& permission,
                      const void* input, const ses::Scope& scope) {
  RequestNames names;
  const auto& info = *operation.input;
  for (const auto& place : kPlaces) {
    const auto* use = find_use(permission, place.kind);
    if (!use) continue;
    each_text(info, input, place.path, [&](const std::string& given) {
      if (given.empty()) return;
      auto name = name_in_arn(place.kind, given);
      add(names, {use->kind, ses::resource_arn(scope, place.kind, name), scope.account.str(), name});
    });
  }
  if (find_use(permission, "identity"))
    for (auto path : kSenderPlaces)
      each_text(info, input, path, [&](const std::string& address) { names.sender = address; });
  for (auto path : kArnPlaces)
    each_text(info, input, path, [&](const std::string& arn) { add_arn(names, permission, arn, scope); });
  for (auto path : kRolePlaces)
    each_text(info, input, path, [&](const std::string& arn) {
      need_room(names.roles.size());
      names.roles.push_back(arn);
    });
  read_tags(names, info, input);
  if (permission.has_key("ses:ExportSourceType")) names.export_source = export_source(info, input);
  return names;
}

}  // namespace api
