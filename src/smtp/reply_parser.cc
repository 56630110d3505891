#include "smtp/reply_parser.h"

#include <algorithm>
#include <utility>

namespace smtp {

ReplyParser::Status ReplyParser::malformed(std::string_view why) {
  error_ = why;
  return Status::malformed;
}

ReplyParser::Status ReplyParser::feed(std::string_view& bytes) {
  while (!bytes.empty()) {
    const std::size_t lf = bytes.find('\n');
    const std::size_t take = lf == std::string_view::npos ? bytes.size() : lf;
    bytes_ += take;
    if (line_.size() + take > kMaxLine || bytes_ > kMaxBytes) return malformed("reply too long");
    line_.append(bytes.substr(0, take));
    if (lf == std::string_view::npos) {
      bytes = {};
      return Status::more;
    }
    bytes.remove_prefix(lf + 1);
    const Status status = end_line();
    if (status != Status::more) return status;
  }
  return Status::more;
}

ReplyParser::Status ReplyParser::end_line() {
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  const bool coded = line_.size() >= 3 && line_[0] >= '2' && line_[0] <= '5' && line_[1] >= '0' &&
                     line_[1] <= '9' && line_[2] >= '0' && line_[2] <= '9' &&
                     (line_.size() == 3 || line_[3] == ' ' || line_[3] == '-');
  if (!coded) return malformed("not an SMTP reply: " + line_.substr(0, 80));
  if (++lines_ > kMaxLines) return malformed("reply of too many lines");
  reply_.code = (line_[0] - '0') * 100 + (line_[1] - '0') * 10 + (line_[2] - '0');
  const bool last = line_.size() == 3 || line_[3] == ' ';
  const std::string_view text = std::string_view(line_).substr(std::min<std::size_t>(4, line_.size()));
  if (reply_.lines.size() < kKeptLines && kept_ < kKeptBytes) {
    reply_.lines.emplace_back(text.substr(0, kKeptBytes - kept_));
    kept_ += text.size();
  }
  line_.clear();
  return last ? Status::done : Status::more;
}

Reply ReplyParser::take() {
  Reply reply = std::exchange(reply_, Reply{});
  line_.clear();
  lines_ = bytes_ = kept_ = 0;
  return reply;
}

}  // namespace smtp
