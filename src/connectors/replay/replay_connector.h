#pragma once
/// Plays a recorded file as if the machine ran now.
///
/// Row i is due at start + (t_i - t_0) / speed and carries that moment as its time. With `loop` the
/// next pass begins one step after the last row. Empty cells are left out; cells that are no number
/// are left out and counted.

#include "connectors/connector.h"
#include "connectors/replay/csv_file.h"

namespace millwright::replay {

struct ReplayColumn {
  std::string column;               ///< name in the file
  std::string metric_identifier;    ///< empty: the column's name
  std::optional<std::string> path;  ///< missing: that of the replay
  std::string unit;
  std::string display_name;  ///< empty: the column's name
};

struct ReplayOptions {
  std::string file = {};
  std::string path = {};  ///< where in the machine
  double speed = 1;       ///< 60: an hour in a minute; > 0
  bool loop = false;
  double start_offset_s = 0;               ///< in the file's time; the first pass begins there
  std::vector<ReplayColumn> columns = {};  ///< empty: all of the file
};

class ReplayConnector final : public Connector {
 public:
  /// Errors: kNotFound for the file; kInvalidArgument naming column, identifier, path or speed.
  static Result<std::unique_ptr<ReplayConnector>> create(const ReplayOptions& options,
                                                         Moment start);

  std::span<const MetricDescription> metrics() const override { return metrics_; }
  std::chrono::steady_clock::time_point next_due() const override;
  Result<std::vector<Reading>> read(Moment now) override;
  std::size_t skipped_cells() const { return skipped_cells_; }

 private:
  ReplayConnector(const ReplayOptions& options, std::unique_ptr<CsvFile> file);
  Result<> choose_columns(const ReplayOptions& options);
  void begin(Moment start, double start_offset_s);
  /// Reads the next row ahead; at the end of the file begins the next pass, if there is one.
  void advance();

  ReplayOptions options_;
  std::unique_ptr<CsvFile> file_;
  std::vector<MetricDescription> metrics_;
  std::vector<std::size_t> cell_of_metric_;
  std::optional<CsvRow> ahead_;                  // missing: played to the end
  std::chrono::steady_clock::time_point due_{};  // of ahead_
  std::chrono::steady_clock::time_point pass_start_{};
  std::int64_t first_time_us_ = 0;  // of this pass
  Microseconds step_{1'000'000};    // between the last two rows, as played
  std::size_t skipped_cells_ = 0;
};

}  // namespace millwright::replay
