#include "storage/sqlite/heads.h"

#include <mutex>

namespace millwright {

Result<> Heads::load(Connection& connection) {
  MW_ASSIGN(Rows rows, connection.query("SELECT series, at_us, value, sample_rate_hz, "
                                        "chunk_span_us, waveform_span_us FROM heads"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    committed_[SeriesId{rows->integer(0)}] = {rows->integer(1), rows->real(2), rows->real(3),
                                              rows->integer(4), rows->integer(5)};
  }
}

std::vector<std::optional<Head>> Heads::find(std::span<const SeriesId> series) const {
  std::vector<std::optional<Head>> out(series.size());
  const std::shared_lock lock(mutex_);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto found = committed_.find(series[i]);
    if (found != committed_.end()) out[i] = found->second;
  }
  return out;
}

std::optional<Head> Heads::pending(SeriesId series) const {
  if (const auto found = pending_.find(series); found != pending_.end()) return found->second;
  // Only this thread changes committed_, so it may read without the lock.
  if (const auto found = committed_.find(series); found != committed_.end()) return found->second;
  return std::nullopt;
}

Result<> Heads::store(Connection& connection) {
  for (const auto& [series, head] : pending_) {
    const auto number = static_cast<std::int64_t>(series);
    if (head) {
      MW_TRY(connection.run("INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?, ?)", number,
                            head->at_us, head->value, head->sample_rate_hz, head->chunk_span_us,
                            head->waveform_span_us));
    } else {
      MW_TRY(connection.run("DELETE FROM heads WHERE series = ?", number));
    }
  }
  return {};
}

void Heads::publish() {
  const std::unique_lock lock(mutex_);
  for (const auto& [series, head] : pending_) {
    if (head) {
      committed_[series] = *head;
    } else {
      committed_.erase(series);
    }
  }
  pending_.clear();
}

}  // namespace millwright
