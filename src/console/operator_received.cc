// `sesame received`: what came in, and what did not go as it should; `sesame trace ID` for one mail, whose ID
// may be its X-SES-RECEIPT, too.
#include <stdexcept>

#include "console/operator_commands.h"
#include "console/received_json.h"
#include "receive/receipt_token.h"

namespace console {
namespace {

constexpr std::int64_t kMostListed = 10000;

ses::Received::Which which_of(const CommandLine& line) {
  const auto* word = line.word(0);
  if (!word) return ses::Received::Which::all;
  if (*word == "waiting") return ses::Received::Which::waiting;
  if (*word == "failed") return ses::Received::Which::failed;
  throw std::invalid_argument("Say received, received waiting, or received failed.");
}

}  // namespace

base::Task<OperatorAnswer> OperatorCommands::received(CommandLine line) {
  allow_options(line, {"limit"});
  const auto which = which_of(line);
  const auto limit = whole_number("limit", line.option("limit").value_or("50"), kMostListed);
  const auto* received = &service_.received;
  auto find = [received, limit, which](store::Db& db) {
    return received->list(db, static_cast<std::size_t>(limit), which);
  };
  auto reading = service_.store.read_value(std::move(find));
  const auto mails = co_await reading;
  co_return OperatorAnswer{true, received_list_text(mails), received_list_json(mails)};
}

base::Task<OperatorAnswer> OperatorCommands::trace_received(std::string id) {
  const auto token = receive::read_receipt_token(id, service_.identities.link_secret());
  const auto* received = &service_.received;
  auto find = [received, wanted = token ? token->id : id](store::Db& db) {
    return received->find(db, wanted);
  };
  auto reading = service_.store.read_value(std::move(find));
  const auto mail = co_await reading;
  if (!mail && token)
    throw std::invalid_argument("The mail " + token->id + " came in here at " +
                                base::iso8601(token->received) + " and is not kept any more.");
  if (!mail) throw std::invalid_argument("There is no message " + id + ".");
  co_return OperatorAnswer{true, received_text(*mail), received_json(*mail)};
}

}  // namespace console
