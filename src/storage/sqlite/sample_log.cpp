#include "storage/sqlite/sample_log.h"

#include "base/log.h"

namespace millwright {

Result<> SampleLog::load() {
  MW_ASSIGN(Rows rows, samples_.query("SELECT id, length(bytes) FROM log ORDER BY id"));
  while (true) {
    MW_ASSIGN(const bool more, rows.next());
    if (!more) return {};
    rows_.push_back(
        {static_cast<std::uint64_t>(rows->integer(0)), static_cast<std::size_t>(rows->integer(1))});
    bytes_ += rows_.back().bytes;
    last_id_ = rows_.back().id;
  }
}

Result<> SampleLog::replay(const std::function<void(std::uint64_t, const SampleBatch&)>& visit) {
  std::vector<std::pair<std::uint64_t, std::string>> damaged;
  {
    SampleBatch batch;
    MW_ASSIGN(Rows rows, samples_.query("SELECT id, bytes FROM log ORDER BY id"));
    while (true) {
      MW_ASSIGN(const bool more, rows.next());
      if (!more) break;
      const auto id = static_cast<std::uint64_t>(rows->integer(0));
      if (const auto decoded = decode_log_record(rows->blob(1), batch); !decoded) {
        damaged.emplace_back(id, decoded.error().message);
      } else {
        visit(id, batch);
      }
    }
  }
  for (const auto& [id, reason] : damaged) MW_TRY(set_aside(id, reason));
  return {};
}

Result<> SampleLog::set_aside(std::uint64_t id, const std::string& reason) {
  log::error("newest samples are damaged and were set aside; restore them from a backup",
             {{"log_record", id}, {"reason", reason}});
  MW_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::begin(samples_.database()));
  MW_TRY(samples_.run("INSERT INTO damaged_log SELECT id, ?, bytes FROM log WHERE id = ?", reason,
                      id));
  MW_TRY(samples_.run("DELETE FROM log WHERE id = ?", id));
  MW_TRY(transaction.commit());
  std::erase_if(rows_, [&](const Row& row) {
    if (row.id == id) bytes_ -= row.bytes;
    return row.id == id;
  });
  return {};
}

Result<std::uint64_t> SampleLog::add(const SampleBatch& batch) {
  buffer_.clear();
  encode_log_record(batch, buffer_);
  const std::uint64_t id = last_id_ + added_.size() + 1;
  MW_TRY(samples_.run("INSERT INTO log VALUES (?, ?)", id, std::span<const std::uint8_t>(buffer_)));
  added_.push_back({id, buffer_.size()});
  return id;
}

Result<> SampleLog::trim(std::uint64_t through, std::size_t limit) {
  while (limit > 0 && trimmed_ < rows_.size() && rows_[trimmed_].id <= through) {
    MW_TRY(samples_.run("DELETE FROM log WHERE id = ?", rows_[trimmed_].id));
    ++trimmed_;
    --limit;
  }
  return {};
}

void SampleLog::publish() {
  for (; trimmed_ > 0; --trimmed_) {
    bytes_ -= rows_.front().bytes;
    rows_.pop_front();
  }
  for (const Row& row : added_) {
    bytes_ += row.bytes;
    last_id_ = row.id;
    rows_.push_back(row);
  }
  added_.clear();
}

void SampleLog::discard() {
  added_.clear();
  trimmed_ = 0;
}

std::uint64_t SampleLog::middle() const {
  std::uint64_t older = 0;
  for (const Row& row : rows_) {
    older += row.bytes;
    if (older * 2 >= bytes_) return row.id;
  }
  return 0;
}

}  // namespace millwright
