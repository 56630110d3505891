// Recipe: what a templated message is made of, in place of its MIME text, which is made when it leaves
// (ARCHITECTURE 3.9). The recipe is shared by all messages of a call and stored once, in the body's row; what
// is a message's own stands in its row. Both are packed as fields with their lengths, for attachments are
// octets. Plain data; any thread.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/mime_builder.h"
#include "ses/template.h"

namespace ses {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Recipe {
  std::int64_t version = 0;  // of a stored template; 0: `source` is an inline one
  std::string template_name;
  TemplateSource source;
  std::string from;
  std::vector<std::string> reply_to;
  HeaderList headers;
  std::vector<mail::Attachment> attachments;
  std::string data;            // the text of a JSON object: TemplateData, or the defaults of a bulk call
  std::size_t size_limit = 0;  // of the rendered message
};

struct RecipeOwn {
  std::vector<std::string> to, cc;
  std::string data;                 // goes before the recipe's, member by member; may be empty
  HeaderList headers;               // stand in for the recipe's of the same name (SES §6.2)
  std::vector<std::string> remove;  // of the fix-up (mail/fixup.h)
  HeaderList add;
  std::string feedback_a, feedback_b;
  std::string unsubscribe_link;  // what {{amazonSESUnsubscribeUrl}} becomes; empty: it stays
};

std::string pack(const Recipe& recipe);
std::string pack(const RecipeOwn& own);
// Throws std::runtime_error for what pack() did not make.
Recipe unpack_recipe(std::string_view packed);
RecipeOwn unpack_own(std::string_view packed);

// The recipe's headers with the message's own in their place, others behind them.
HeaderList merged_headers(const HeaderList& shared, const HeaderList& own);

}  // namespace ses
