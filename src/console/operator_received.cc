// `sesame trace ID` for a mail that came in; the ID may be its X-SES-RECEIPT, too.
#include <stdexcept>

#include "console/operator_commands.h"
#include "console/received_json.h"
#include "receive/receipt_token.h"

namespace console {

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
