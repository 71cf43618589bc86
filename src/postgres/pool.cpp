#include "postgres/pool.h"

#include <algorithm>

namespace millwright::postgres {

Result<Pool::Lease> Pool::lease(const std::string& target) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const Idle& idle) { return idle.target == target; });
    if (found != idle_.end()) {
      auto connection = std::move(found->connection);
      idle_.erase(found);
      return Lease(*this, target, std::move(connection));
    }
  }
  MW_ASSIGN(Connection opened, Connection::open(target));
  return Lease(*this, target, std::make_unique<Connection>(std::move(opened)));
}

void Pool::drop(const std::string& target) {
  const std::lock_guard lock(mutex_);
  idle_.remove_if([&](const Idle& idle) { return idle.target == target; });
}

void Pool::give_back(const std::string& target, std::unique_ptr<Connection> connection) {
  if (connection->is_lost() || connection->is_in_transaction()) return;
  std::list<Idle> closed;  // outside of the lock
  const std::lock_guard lock(mutex_);
  idle_.push_front({target, std::move(connection)});
  if (idle_.size() > most_idle_) closed.splice(closed.end(), idle_, std::prev(idle_.end()));
}

}  // namespace millwright::postgres
