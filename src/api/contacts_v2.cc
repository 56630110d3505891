// Contact lists and contacts (SES §15, §25.2); v2 only.
#include "api/operations.h"
#include "api/paging.h"
#include "base/fault.h"
#include "model/sesv2_tables.h"
#include "model/sesv2_types.h"

namespace api {
namespace {

using namespace aws::sesv2;
using base::Fault;
using base::FaultKind;

constexpr std::size_t kListPage = 1000;  // (?)
constexpr std::size_t kContactPage = 50;
constexpr std::int64_t kMaxPage = 1000;

ses::ContactLists::Content content_of(std::optional<std::vector<Topic>>& topics,
                                      std::optional<std::string>& description) {
  ses::ContactLists::Content out;
  out.description = std::move(description);
  if (!topics) return out;
  out.topics.emplace();
  for (auto& given : *topics) {
    ses::Topic topic;
    topic.name = std::move(*given.topic_name);
    topic.display_name = std::move(*given.display_name);
    topic.description = std::move(given.description);
    topic.by_default = ses::subscription_of(*given.default_subscription_status);
    out.topics->push_back(std::move(topic));
  }
  return out;
}

std::size_t page_size(const std::optional<std::int64_t>& given, std::size_t fallback) {
  if (!given) return fallback;
  if (*given < 1 || *given > kMaxPage)
    throw Fault(FaultKind::invalid_parameter, "The page size must be between 1 and 1000");
  return static_cast<std::size_t>(*given);
}

std::optional<std::string> read_token(const PageKey& key, const std::optional<std::string>& given) {
  if (!given) return std::nullopt;
  auto after = read_page_token(key, *given);
  if (given->empty() || !after) throw Fault(FaultKind::invalid_parameter, "Provided NextToken is invalid");
  return after;
}

base::Task<CreateContactListResponse> create_contact_list(Context& context, CreateContactListRequest in) {
  std::vector<ses::Tag> tags;
  if (in.tags)
    for (auto& tag : *in.tags) tags.push_back({std::move(*tag.key), std::move(*tag.value)});
  auto content = content_of(in.topics, in.description);
  co_await context.service.contact_lists.create(context.caller, std::move(*in.contact_list_name),
                                                std::move(content), std::move(tags));
  co_return CreateContactListResponse{};
}

base::Task<GetContactListResponse> get_contact_list(Context& context, GetContactListRequest in) {
  auto list = context.service.contact_lists.require(context.caller.scope, *in.contact_list_name);
  GetContactListResponse out;
  out.contact_list_name = list->name;
  out.description = list->description;
  out.created_timestamp = list->created;
  out.last_updated_timestamp = list->updated;
  out.topics.emplace();
  for (const auto& topic : list->topics) {
    Topic shown;
    shown.topic_name = topic.name;
    shown.display_name = topic.display_name;
    shown.description = topic.description;
    shown.default_subscription_status = std::string(ses::v2_name(topic.by_default));
    out.topics->push_back(std::move(shown));
  }
  out.tags.emplace();
  for (const auto& tag : list->tags) {
    Tag shown;
    shown.key = tag.name;
    shown.value = tag.value;
    out.tags->push_back(std::move(shown));
  }
  co_return out;
}

base::Task<ListContactListsResponse> list_contact_lists(Context& context, ListContactListsRequest in) {
  auto size = page_size(in.page_size, kListPage);
  PageKey key{context.service.identities.link_secret(), "contact-lists", context.caller.scope, ""};
  auto after = read_token(key, in.next_token);
  auto lists = context.service.contact_lists.all(context.caller.scope);
  auto page = cut_page(lists, key, after, size,
                       [](const ses::ContactListPtr& l) -> const std::string& { return l->name; });
  ListContactListsResponse out;
  out.contact_lists.emplace();
  for (const auto& list : page.items) {
    ContactList shown;
    shown.contact_list_name = list->name;
    shown.last_updated_timestamp = list->updated;
    out.contact_lists->push_back(std::move(shown));
  }
  out.next_token = std::move(page.next);
  co_return out;
}

base::Task<UpdateContactListResponse> update_contact_list(Context& context, UpdateContactListRequest in) {
  auto content = content_of(in.topics, in.description);
  co_await context.service.contact_lists.update(context.caller, std::move(*in.contact_list_name),
                                                std::move(content));
  co_await context.service.contacts.purge_some();
  co_return UpdateContactListResponse{};
}

base::Task<DeleteContactListResponse> delete_contact_list(Context& context, DeleteContactListRequest in) {
  co_await context.service.contact_lists.remove(context.caller, std::move(*in.contact_list_name));
  co_await context.service.contacts.purge_some();
  co_return DeleteContactListResponse{};
}

// CreateContactRequest and UpdateContactRequest have the same members.
template <class In>
ses::Contacts::Request request_of(In& in) {
  ses::Contacts::Request request;
  request.list = std::move(*in.contact_list_name);
  request.address = std::move(*in.email_address);
  request.unsubscribe_all = in.unsubscribe_all.value_or(false);
  request.attributes = std::move(in.attributes_data);
  if (in.topic_preferences)
    for (auto& given : *in.topic_preferences)
      request.choices.push_back(
          {std::move(*given.topic_name), ses::subscription_of(*given.subscription_status)});
  return request;
}

base::Task<CreateContactResponse> create_contact(Context& context, CreateContactRequest in) {
  auto request = request_of(in);
  co_await context.service.contacts.create(context.caller, std::move(request));
  co_return CreateContactResponse{};
}

base::Task<UpdateContactResponse> update_contact(Context& context, UpdateContactRequest in) {
  auto request = request_of(in);
  co_await context.service.contacts.update(context.caller, std::move(request));
  co_return UpdateContactResponse{};
}

base::Task<DeleteContactResponse> delete_contact(Context& context, DeleteContactRequest in) {
  co_await context.service.contacts.remove(context.caller, std::move(*in.contact_list_name),
                                           std::move(*in.email_address));
  co_return DeleteContactResponse{};
}

// SES §15: the explicit preferences, and the defaults of the topics without one.
template <class Out>
void show_preferences(const ses::ContactList& list, const ses::Contact& contact, Out& out) {
  out.topic_preferences.emplace();
  out.topic_default_preferences.emplace();
  for (const auto& topic : list.topics) {
    auto choice = contact.choice(topic);
    TopicPreference shown;
    shown.topic_name = topic.name;
    shown.subscription_status = std::string(ses::v2_name(choice.value_or(topic.by_default)));
    (choice ? out.topic_preferences : out.topic_default_preferences)->push_back(std::move(shown));
  }
  out.unsubscribe_all = contact.unsubscribed_all;
  out.last_updated_timestamp = contact.updated;
}

base::Task<GetContactResponse> get_contact(Context& context, GetContactRequest in) {
  auto found = co_await context.service.contacts.get(context.caller, std::move(*in.contact_list_name),
                                                     std::move(*in.email_address));
  GetContactResponse out;
  out.contact_list_name = found.list->name;
  out.email_address = found.contact.address;
  show_preferences(*found.list, found.contact, out);
  out.attributes_data = found.contact.attributes;
  out.created_timestamp = found.contact.created;
  co_return out;
}

ses::ContactFilter filter_of(std::optional<ListContactsFilter>& given) {
  ses::ContactFilter filter;
  if (!given) return filter;
  if (given->filtered_status) filter.status = ses::subscription_of(*given->filtered_status);
  if (given->topic_filter) {
    filter.topic = given->topic_filter->topic_name.value_or("");
    filter.use_default = given->topic_filter->use_default_if_preference_unavailable.value_or(false);
  }
  return filter;
}

base::Task<ListContactsResponse> list_contacts(Context& context, ListContactsRequest in) {
  auto size = page_size(in.page_size, kContactPage);
  auto filter = filter_of(in.filter);
  auto& contacts = context.service.contacts;
  auto list = contacts.check_filter(context.caller.scope, *in.contact_list_name, filter);
  auto bound = std::to_string(list->id) + " " + filter.text();
  PageKey key{context.service.identities.link_secret(), "contacts", context.caller.scope, bound};
  auto after = read_token(key, in.next_token);
  auto page = co_await contacts.list(list, std::move(filter), std::move(after), size);
  ListContactsResponse out;
  out.contacts.emplace();
  for (const auto& contact : page.items) {
    Contact shown;
    shown.email_address = contact.address;
    show_preferences(*list, contact, shown);
    out.contacts->push_back(std::move(shown));
  }
  if (page.next) out.next_token = make_page_token(key, *page.next);
  co_return out;
}

}  // namespace

void register_contacts_v2(aws::Registry<Context>& registry) {
  constexpr auto api = aws::Api::sesv2;
  const aws::Access list{.resources = {"contact-list"}};
  registry.register_operation(api, "CreateContactList", &create_contact_list, list);
  registry.register_operation(api, "GetContactList", &get_contact_list, list);
  registry.register_operation(api, "ListContactLists", &list_contact_lists);
  registry.register_operation(api, "UpdateContactList", &update_contact_list, list);
  registry.register_operation(api, "DeleteContactList", &delete_contact_list, list);
  registry.register_operation(api, "CreateContact", &create_contact, list);
  registry.register_operation(api, "GetContact", &get_contact, list);
  registry.register_operation(api, "ListContacts", &list_contacts, list);
  registry.register_operation(api, "UpdateContact", &update_contact, list);
  registry.register_operation(api, "DeleteContact", &delete_contact, list);
}

}  // namespace api
