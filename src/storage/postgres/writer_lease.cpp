#include "storage/postgres/writer_lease.h"

#include "base/text.h"
#include "storage/postgres/tenant_fence.h"

namespace millwright::pg {

using postgres::Connection;
using postgres::Rows;

namespace {
constexpr auto kRenewAfter = std::chrono::seconds(5);  // of the 15 that the SQL below gives
}

Result<> WriterLease::assert_held(Connection& connection) {
  if (!fencing_ || std::chrono::steady_clock::now() >= renew_at_) return take(connection);
  MW_ASSIGN(
      const std::optional<std::int64_t> held,
      connection.integer("SELECT fencing FROM writer WHERE fencing = $1 FOR SHARE", *fencing_));
  if (held) return {};
  fencing_.reset();
  return take(connection);
}

Result<> WriterLease::take(Connection& connection) {
  MW_ASSIGN(const std::optional<std::int64_t> fencing,
            connection.integer(
                "INSERT INTO writer AS w VALUES (true, $1, 1, now() + interval '15 s') "
                "ON CONFLICT (single) DO UPDATE SET holder = $1, "
                "fencing = CASE WHEN w.fencing = $2 THEN w.fencing ELSE w.fencing + 1 END, "
                "expires_at = now() + interval '15 s' "
                "WHERE w.fencing = $2 OR w.holder = $1 OR w.expires_at < now() RETURNING fencing",
                holder_, fencing_.value_or(0)));
  if (fencing) {
    taken_ = fencing;
    return {};
  }
  fencing_.reset();
  MW_ASSIGN(const std::optional<std::string> place, moved_to(connection));
  if (place) return unavailable(kMovedWords, *place);
  MW_ASSIGN(const Rows rows, connection.query("SELECT holder FROM writer"));
  const std::string other = rows.empty() ? std::string("another process") : rows.text(0, 0);
  return unavailable("the tenant is written by " + quote(other) +
                     "; send to that one, or wait until it ends");
}

void WriterLease::committed(bool done) {
  const std::optional<std::int64_t> taken = std::exchange(taken_, std::nullopt);
  if (!taken) return;
  if (!done) {
    fencing_.reset();
    return;
  }
  fencing_ = taken;
  renew_at_ = std::chrono::steady_clock::now() + kRenewAfter;
}

void WriterLease::release(Connection& connection) {
  if (!fencing_) return;
  (void)connection.run("UPDATE writer SET expires_at = now() - interval '1 s' WHERE fencing = $1",
                       *fencing_);
  fencing_.reset();
}

}  // namespace millwright::pg
