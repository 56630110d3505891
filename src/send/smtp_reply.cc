#include "send/smtp_reply.h"

#include "base/fault.h"
#include "base/log.h"
#include "store/store.h"

namespace send {

smtp::Reply reply_to(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const base::Fault& fault) {
    return smtp::Reply::from_line(fault.smtp_reply());
  } catch (const store::DiskFull& e) {
    base::log_error("a message was refused: {}", e.what());
    return {452, "Temporary service failure: insufficient system storage"};
  } catch (const store::Overloaded& e) {
    base::log_warn("a message was refused: {}", e.what());
    return {452, "Temporary service failure: too busy, please try again"};
  } catch (const std::exception& e) {
    base::log_error("a message was refused: {}", e.what());
  } catch (...) {
    base::log_error("a message was refused for a reason that cannot be named");
  }
  return {451, "Temporary service failure"};
}

}  // namespace send
