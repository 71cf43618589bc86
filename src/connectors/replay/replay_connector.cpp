#include "connectors/replay/replay_connector.h"

#include <cctype>
#include <cmath>

#include "base/text.h"

namespace millwright::replay {
namespace {

constexpr int kMaxRowsARead = 4'096;
constexpr auto kNever = std::chrono::steady_clock::time_point::max();

/// The column's name with everything that an identifier cannot hold replaced.
std::string as_identifier(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isalnum(byte) && c != '_' && c != '.' && c != '-') c = '_';
  }
  return text;
}

Result<MetricDescription> describe(const ReplayColumn& column, const std::string& path) {
  MetricDescription metric;
  metric.metric_identifier =
      column.metric_identifier.empty() ? as_identifier(column.column) : column.metric_identifier;
  metric.path = column.path.value_or(path);
  metric.unit = column.unit;
  metric.display_name = column.display_name.empty() ? column.column : column.display_name;
  const std::string where = "replay column " + quote(column.column) + ": ";
  if (auto id = MetricId::parse(metric.metric_identifier); !id) {
    return invalid_argument(where + id.error().message);
  }
  if (auto parsed = Path::parse(metric.path); !parsed) {
    return invalid_argument(where + parsed.error().message);
  }
  return metric;
}

}  // namespace

Result<std::unique_ptr<ReplayConnector>> ReplayConnector::create(const ReplayOptions& options,
                                                                 Moment start) {
  if (!(options.speed > 0 && options.speed <= 1e6)) {
    return invalid_argument("speed is " + std::to_string(options.speed) +
                            "; expected more than 0 and at most 1000000");
  }
  if (!(options.start_offset_s >= 0)) {
    return invalid_argument("start_offset is " + std::to_string(options.start_offset_s) +
                            "; expected 0 or more seconds");
  }
  MW_ASSIGN(auto file, CsvFile::open(options.file));
  std::unique_ptr<ReplayConnector> replay(new ReplayConnector(options, std::move(file)));
  MW_TRY(replay->choose_columns(options));
  replay->begin(start, options.start_offset_s);
  if (!replay->ahead_) {
    return invalid_argument("the replay file " + quote(options.file) +
                            " has no readable row after " + std::to_string(options.start_offset_s) +
                            " s");
  }
  return replay;
}

ReplayConnector::ReplayConnector(const ReplayOptions& options, std::unique_ptr<CsvFile> file)
    : options_(options), file_(std::move(file)) {}

Result<> ReplayConnector::choose_columns(const ReplayOptions& options) {
  std::vector<ReplayColumn> chosen = options.columns;
  if (chosen.empty()) {
    for (const std::string& name : file_->columns()) {
      ReplayColumn column;
      column.column = name;
      chosen.push_back(std::move(column));
    }
  }
  for (const ReplayColumn& column : chosen) {
    const auto& names = file_->columns();
    const auto it = std::find(names.begin(), names.end(), column.column);
    if (it == names.end()) {
      std::string existing;
      for (const std::string& name : names) existing += (existing.empty() ? "" : ", ") + name;
      return invalid_argument("the replay file " + quote(options.file) + " has no column " +
                              quote(column.column) + "; it has " + existing.substr(0, 500));
    }
    MW_ASSIGN(auto metric, describe(column, options.path));
    metrics_.push_back(std::move(metric));
    cell_of_metric_.push_back(static_cast<std::size_t>(it - names.begin()));
  }
  return {};
}

void ReplayConnector::begin(Moment start, double start_offset_s) {
  pass_start_ = due_ = start.steady;
  ahead_ = file_->next();
  if (!ahead_) return;
  const std::int64_t from_us = ahead_->time_us + std::llround(start_offset_s * 1e6);
  while (ahead_ && ahead_->time_us < from_us) ahead_ = file_->next();
  if (ahead_) first_time_us_ = ahead_->time_us;
}

void ReplayConnector::advance() {
  const auto last_due = due_;
  ahead_ = file_->next();
  if (ahead_) {
    const double played_us = static_cast<double>(ahead_->time_us - first_time_us_) / options_.speed;
    due_ = std::max(last_due, pass_start_ + Microseconds(std::llround(played_us)));
    if (due_ > last_due) step_ = std::chrono::duration_cast<Microseconds>(due_ - last_due);
    return;
  }
  if (!options_.loop) return;
  file_->rewind();
  ahead_ = file_->next();
  if (!ahead_) return;
  first_time_us_ = ahead_->time_us;
  pass_start_ = due_ = last_due + step_;
}

std::chrono::steady_clock::time_point ReplayConnector::next_due() const {
  return ahead_ ? due_ : kNever;
}

Result<std::vector<Reading>> ReplayConnector::read(Moment now) {
  std::vector<SampleColumns> columns(metrics_.size());
  for (int rows = 0; ahead_ && due_ <= now.steady && rows < kMaxRowsARead; ++rows) {
    const std::int64_t at_us = now.wall_us_at(due_);
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      const std::string& cell = ahead_->cells[cell_of_metric_[i]];
      if (cell.empty()) continue;
      const auto value = parse_number(cell);
      if (value && std::isfinite(*value)) {
        columns[i].append(at_us, *value);
      } else {
        ++skipped_cells_;
      }
    }
    advance();
  }
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].empty()) readings.push_back({i, std::move(columns[i])});
  }
  return readings;
}

}  // namespace millwright::replay
