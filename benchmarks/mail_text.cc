#include "benchmarks/mail_text.h"

#include <fmt/format.h>

#include <random>

namespace load {

std::string MailPlan::id(std::int64_t number) const { return run + "-" + std::to_string(number); }

std::string MailPlan::recipient_of(std::int64_t number) const {
  std::string out = recipient;
  if (auto mark = out.find('%'); mark != std::string::npos)
    out.replace(mark, 1, std::to_string(number % domains));
  return out;
}

std::size_t MailPlan::size_of(std::int64_t number) const {
  return big_every > 0 && number % big_every == 0 ? big_size : size;
}

std::string header_text(const MailPlan& plan, std::int64_t number) {
  return fmt::format(
      "From: Load Source <{}>\r\nTo: {}\r\nSubject: Load test message {}\r\n"
      "Date: Wed, 12 Apr 2023 09:58:45 +0000\r\nMessage-ID: <{}@load.example>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n{}: {}\r\n\r\n",
      plan.from, plan.recipient_of(number), number, plan.id(number), kIdHeader, plan.id(number));
}

std::string body_text(std::size_t size, std::string_view line_end) {
  std::minstd_rand random(7);  // the same text in each run
  static constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyz     ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,;";
  std::string out;
  out.reserve(size + 100);
  while (out.size() < size) {
    out += 'l';
    for (int i = 0; i < 74; ++i) out += kLetters[random() % kLetters.size()];
    out += '.';
    out += line_end;
  }
  if (out.size() > size && size > 100) {
    out.resize(size - line_end.size() - 2);
    while (out.back() == '\r' || out.back() == '\\' || out.back() == '\n') out.back() = 'x';
    out += line_end;
  }
  return out;
}

std::string_view id_of(std::string_view mail) {
  std::string_view head = mail.substr(0, mail.find("\r\n\r\n"));
  std::size_t at = head.find("\nX-Load-Id: ");
  if (at == std::string_view::npos) return {};
  at += 12;
  return head.substr(at, head.find('\r', at) - at);
}

}  // namespace load
