#include "ses/generation.h"

namespace ses {

std::int64_t next_generation(store::Db& db, std::string_view noun) {
  auto q = db.query(
      "INSERT INTO generation (noun, value) VALUES (:noun, 1) "
      "ON CONFLICT (noun) DO UPDATE SET value = generation.value + 1 RETURNING value");
  q.text(":noun", noun);
  q.next();
  return q.get_integer(0);
}

}  // namespace ses
