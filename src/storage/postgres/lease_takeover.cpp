#include "storage/postgres/lease_takeover.h"

#include "base/log.h"

namespace millwright::pg {

using postgres::Connection;

namespace {
constexpr auto kRenewEvery = std::chrono::seconds(4);  // of the 15 that the SQL below gives
}

Result<std::unique_ptr<LeaseTakeover>> LeaseTakeover::begin(const std::string& target,
                                                            const std::string& holder) {
  MW_ASSIGN(Connection connection, Connection::open(target));
  MW_ASSIGN(
      const std::optional<std::int64_t> fencing,
      connection.integer("INSERT INTO writer AS w VALUES (true, $1, 1, now() + interval '15 s') "
                         "ON CONFLICT (single) DO UPDATE SET holder = $1, fencing = w.fencing + 1, "
                         "expires_at = now() + interval '15 s' RETURNING fencing",
                         holder));
  return std::unique_ptr<LeaseTakeover>(
      new LeaseTakeover(target, std::move(connection), fencing.value_or(0)));
}

LeaseTakeover::LeaseTakeover(std::string target, Connection connection, std::int64_t fencing)
    : target_(std::move(target)),
      connection_(std::move(connection)),
      fencing_(fencing),
      thread_([this](const std::stop_token& stop) { keep(stop); }) {}

LeaseTakeover::~LeaseTakeover() {
  thread_.request_stop();
  thread_.join();
  (void)connection_.run("UPDATE writer SET expires_at = now() - interval '1 s' WHERE fencing = $1",
                        fencing_);
}

void LeaseTakeover::keep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, kRenewEvery, [&] { return stop.stop_requested(); })) renew();
}

// Where this fails for long, another process takes the lease, and the number tells.
void LeaseTakeover::renew() {
  if (connection_.is_lost()) {
    auto opened = Connection::open(target_);
    if (!opened) return;
    connection_ = std::move(opened).value();
  }
  const auto renewed = connection_.run(
      "UPDATE writer SET expires_at = now() + interval '15 s' WHERE fencing = $1", fencing_);
  if (!renewed) {
    log::warning("the writer's lease could not be renewed", {{"detail", renewed.error().detail}});
  }
}

}  // namespace millwright::pg
