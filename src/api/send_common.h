// What the send operations of v1 and v2 share: generated shapes to the values of a Submission. The shapes of
// the two APIs are alike but of different types, so these are templates over them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/context.h"
#include "mail/mime_builder.h"

namespace api {

template <class T>
T take(std::optional<T>& value) {
  return value ? std::move(*value) : T{};
}

template <class Destination>
send::Destination destination_of(std::optional<Destination>& d) {
  if (!d) return {};
  return {take(d->to_addresses), take(d->cc_addresses), take(d->bcc_addresses)};
}

template <class Content>
mail::Content content_of(Content& c) {
  return {take(c.data), take(c.charset)};
}

template <class Message>
mail::SimpleMail simple_mail_of(Message& m) {
  mail::SimpleMail mail;
  if (m.subject) mail.subject = content_of(*m.subject);
  if (m.body) {
    if (m.body->text) mail.text = content_of(*m.body->text);
    if (m.body->html) mail.html = content_of(*m.body->html);
  }
  return mail;
}

template <class MessageTag>
std::vector<ses::Tag> tags_of(std::optional<std::vector<MessageTag>>& tags) {
  std::vector<ses::Tag> out;
  if (tags)
    for (auto& tag : *tags) out.push_back({take(tag.name), take(tag.value)});
  return out;
}

}  // namespace api
