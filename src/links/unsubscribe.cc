#include "links/unsubscribe.h"

#include <algorithm>

#include "base/encoding.h"
#include "links/page.h"
#include "send/opt_out.h"
#include "ses/unsubscribe_link.h"

namespace links {
namespace {

using ses::Subscription;
using ses::UnsubscribeLink;

constexpr const char* kPageSource = "PreferenceCenter";  // (?)

std::string checkbox(const std::string& id, const std::string& name, const std::string& value, bool checked,
                     const std::string& label, const std::string& hint) {
  std::string out =
      "<p><input type=\"checkbox\" id=\"" + id + "\" name=\"" + name + "\" value=\"" + value + "\"";
  if (checked) out += " checked";
  if (!hint.empty()) out += " aria-describedby=\"" + id + "-hint\"";
  out += ">\n<label for=\"" + id + "\">" + label + "</label>";
  if (!hint.empty()) out += "\n<small id=\"" + id + "-hint\">" + hint + "</small>";
  return out + "</p>\n";
}

net::HttpResponse form(const UnsubscribeLink& link, std::string_view token, const ses::ContactList& list,
                       const ses::Contact& contact) {
  std::string content = "<p>Choose what is sent to <strong>" + escape(link.address) + "</strong>.</p>\n";
  content += "<form method=\"post\" action=\"" + std::string(kUnsubscribePath) + "\">\n";
  content += "<input type=\"hidden\" name=\"t\" value=\"" + escape(token) + "\">\n";
  if (!list.topics.empty()) {
    content += "<fieldset>\n<legend>Topics you get</legend>\n";
    for (std::size_t i = 0; i < list.topics.size(); ++i) {
      const auto& topic = list.topics[i];
      content += "<input type=\"hidden\" name=\"shown\" value=\"" + escape(topic.name) + "\">\n";
      content += checkbox("topic-" + std::to_string(i + 1), "topic", escape(topic.name),
                          contact.status(topic) == Subscription::opt_in, escape(topic.display_name),
                          escape(topic.description.value_or("")));
    }
    content += "</fieldset>\n";
  }
  content += checkbox("all", "all", "1", contact.unsubscribed_all, "Unsubscribe from all", "");
  content += "<button type=\"submit\">Save</button>\n</form>\n";
  return page(200, "Your email preferences", content);
}

net::HttpResponse saved(const std::string& address) {
  return page(200, "Your choice is saved",
              "<p>It counts for the next mail to <strong>" + escape(address) +
                  "</strong>. You can close this page.</p>\n");
}

net::HttpResponse unsubscribed(const UnsubscribeLink& link, const ses::Topic* topic) {
  std::string what =
      topic ? " gets no more mail about " + escape(topic->display_name) : " gets no more mail from this list";
  return page(200, "You are unsubscribed",
              "<p><strong>" + escape(link.address) + "</strong>" + what + ".</p>\n");
}

net::HttpResponse no_such_list() {
  return page(410, "This list is gone",
              "<p>The mailing list no longer exists. Nothing more will come of it.</p>\n");
}

// What the form says: a topic that was shown is opted in if it is ticked, else out.
void save_form(ses::Contact& contact, const ses::ContactList& list, const Fields& fields) {
  auto has = [&](std::string_view name, const std::string& value) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto& f) { return f.first == name && f.second == value; });
  };
  contact.unsubscribed_all = has("all", "1");
  for (const auto& topic : list.topics)
    if (has("shown", topic.name))
      contact.choose(topic, has("topic", topic.name) ? Subscription::opt_in : Subscription::opt_out);
}

// RFC 8058 §3.2: the header's link, and the body in either of the two forms.
bool is_one_click(const UnsubscribeLink& link, const Fields& fields) {
  return link.kind == UnsubscribeLink::Kind::header &&
         base::iequals(value_of(fields, "List-Unsubscribe"), "One-Click");
}

base::Task<net::HttpResponse> one_click(send::Service& service, UnsubscribeLink link,
                                        ses::ContactListPtr list) {
  co_await send::opt_out(service, link, list);
  co_return unsubscribed(link, list->find(link.topic));
}

base::Task<ses::Contact> contact_of(send::Service& service, ses::ContactListPtr list, std::string address) {
  auto* contacts = &service.contacts;
  auto look = [contacts, list, address](store::Db& db) { return contacts->look_up(db, *list, {address}); };
  auto found = co_await service.store.read_value(std::move(look));
  co_return std::move(found.front()).value_or(ses::Contact{});
}

}  // namespace

base::Task<net::HttpResponse> unsubscribe(send::Service& service, net::HttpRequest request) {
  bool get = request.method == "GET" || request.method == "HEAD";
  if (!get && request.method != "POST") co_return method_not_allowed();
  auto query = read_form(request.query());
  Fields fields;
  if (!get) {
    auto type = request.header("Content-Type");
    bool multipart = base::ascii_lower(type).starts_with("multipart/");
    fields = multipart ? read_multipart(request.body, type) : read_form(request.body);
  }
  auto token = value_of(fields, "t");
  if (token.empty()) token = value_of(query, "t");
  auto link = ses::read_unsubscribe_token(token, service.identities.link_secret());
  if (!link) co_return invalid_link();
  auto list = service.contact_lists.find(link->scope, link->list);
  if (!list) co_return no_such_list();

  if (get) {
    auto contact = co_await contact_of(service, list, link->address);
    co_return form(*link, token, *list, contact);
  }
  if (is_one_click(*link, fields)) {
    auto answering = one_click(service, *link, list);
    co_return co_await answering;
  }
  // A POST that is neither (a scanner's, say) changes nothing: only the form carries the token in its body.
  if (value_of(fields, "t").empty()) co_return invalid_link();
  ses::Contacts::Edit edit = [list, fields](ses::Contact& contact) { save_form(contact, *list, fields); };
  co_await send::change_subscription(service, *link, list, std::move(edit), kPageSource);
  co_return saved(link->address);
}

}  // namespace links
