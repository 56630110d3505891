#include "base/clock.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <ctime>

namespace base {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year;
  unsigned month, day;
  int hour, minute, second, millis;
  unsigned weekday;
};

Parts split(WallTime t) {
  auto days = std::chrono::floor<std::chrono::days>(t);
  std::chrono::year_month_day ymd{days};
  std::chrono::hh_mm_ss<Millis> hms{t - days};
  return {static_cast<int>(ymd.year()),
          static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()),
          static_cast<int>(hms.hours().count()),
          static_cast<int>(hms.minutes().count()),
          static_cast<int>(hms.seconds().count()),
          static_cast<int>(hms.subseconds().count()),
          std::chrono::weekday{days}.c_encoding()};
}

std::string mail_date(WallTime t, std::string_view zone) {
  auto p = split(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}", kDays[p.weekday], p.day, kMonths[p.month - 1],
                     p.year, p.hour, p.minute, p.second, zone);
}

// Reads digits off the front of a view.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool number(std::size_t digits, int* out) {
    if (text_.size() < digits) return false;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    *out = value;
    return true;
  }
  bool skip(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view rest() const { return text_; }
  void drop(std::size_t n) { text_.remove_prefix(n); }

 private:
  std::string_view text_;
};

std::optional<WallTime> make(int year, int month, int day, int hour, int minute, int second, int millis) {
  std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                                  std::chrono::day(static_cast<unsigned>(day))};
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return WallTime{std::chrono::sys_days{ymd}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + Millis{millis};
}

std::optional<WallTime> parse_iso(std::string_view text) {
  Reader r(text);
  int year, month, day, hour = 0, minute = 0, second = 0, millis = 0, offset = 0;
  if (!r.number(4, &year)) return std::nullopt;
  bool extended = r.skip('-');
  if (!r.number(2, &month)) return std::nullopt;
  if (extended && !r.skip('-')) return std::nullopt;
  if (!r.number(2, &day)) return std::nullopt;
  if (!r.rest().empty()) {
    if (!r.skip('T') || !r.number(2, &hour)) return std::nullopt;
    if (extended && !r.skip(':')) return std::nullopt;
    if (!r.number(2, &minute)) return std::nullopt;
    if (extended && !r.skip(':')) return std::nullopt;
    if (!r.number(2, &second)) return std::nullopt;
    if (r.skip('.')) {
      int scale = 100, digit;
      if (r.rest().empty() || r.rest()[0] < '0' || r.rest()[0] > '9') return std::nullopt;
      while (r.number(1, &digit)) {
        millis += digit * scale;
        scale /= 10;
      }
    }
    if (!r.rest().empty() && !r.skip('Z')) {
      int sign = r.skip('+') ? -1 : r.skip('-') ? 1 : 0, oh, om = 0;
      if (!sign || !r.number(2, &oh)) return std::nullopt;
      r.skip(':');
      if (!r.rest().empty() && !r.number(2, &om)) return std::nullopt;
      offset = sign * (oh * 60 + om);
    }
    if (!r.rest().empty()) return std::nullopt;
  }
  auto t = make(year, month, day, hour, minute, second, millis);
  if (t) *t += std::chrono::minutes{offset};
  return t;
}

std::optional<WallTime> parse_rfc1123(std::string_view text) {
  if (auto comma = text.find(", "); comma != std::string_view::npos) text.remove_prefix(comma + 2);
  Reader r(text);
  int year, day, hour, minute, second;
  if (!r.number(2, &day) || !r.skip(' ') || r.rest().size() < 3) return std::nullopt;
  int month = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (r.rest().substr(0, 3) == kMonths[i]) month = static_cast<int>(i) + 1;
  if (!month) return std::nullopt;
  r.drop(3);
  if (!r.skip(' ') || !r.number(4, &year) || !r.skip(' ') || !r.number(2, &hour) || !r.skip(':') ||
      !r.number(2, &minute) || !r.skip(':') || !r.number(2, &second))
    return std::nullopt;
  if (r.rest() != " GMT" && r.rest() != " UTC" && r.rest() != " +0000") return std::nullopt;
  return make(year, month, day, hour, minute, second, 0);
}

}  // namespace

WallTime SystemClock::real_now() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

WallTime MovableClock::now() const {
  auto frozen = frozen_.load();
  auto base = frozen >= 0 ? from_millis(frozen) : SystemClock::real_now();
  return base + Millis{offset_.load()};
}

void MovableClock::on_jump(std::function<void()> listener) {
  std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

void MovableClock::advance(Millis by) {
  if (by.count() < 0) return;
  offset_ += by.count();
  std::vector<std::function<void()>> listeners;
  {
    std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  for (auto& listener : listeners) listener();
}

void MovableClock::freeze(WallTime at) {
  frozen_ = to_millis(at);
  offset_ = 0;
}

std::string iso8601(WallTime t) {
  auto p = split(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour, p.minute,
                     p.second, p.millis);
}

std::string iso8601_short(WallTime t) {
  auto text = iso8601(t);
  if (text.ends_with(".000Z")) text.replace(text.size() - 5, 5, "Z");
  return text;
}

std::string amz_date(WallTime t) {
  auto p = split(t);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string rfc5322_date(WallTime t) { return mail_date(t, "+0000"); }
std::string http_date(WallTime t) { return mail_date(t, "GMT"); }

std::optional<WallTime> parse_time(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  if (auto iso = parse_iso(text)) return iso;
  return parse_rfc1123(text);
}

}  // namespace base
