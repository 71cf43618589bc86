#pragma once
/// Rows of a CSV file, plain or gzip. The first line names the columns, the first of them is
/// `timestamp`: ISO 8601 (UTC unless it has an offset) or seconds. Not thread-safe.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::replay {

struct CsvRow {
  std::int64_t time_us = 0;        ///< as the file says it
  std::vector<std::string> cells;  ///< those behind the timestamp, as many as there are columns
};

class CsvFile {
 public:
  /// Errors: kNotFound, or kInvalidArgument naming the file and the line.
  static Result<std::unique_ptr<CsvFile>> open(const std::string& path);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  /// Names of the columns behind the timestamp.
  const std::vector<std::string>& columns() const { return columns_; }
  /// The next row; missing at the end. A row that cannot be read is left out and counted.
  std::optional<CsvRow> next();
  /// Goes back to the first row.
  void rewind();
  std::size_t unreadable_rows() const { return unreadable_; }

 private:
  explicit CsvFile(void* file) : file_(file) {}
  bool read_line(std::string* line);

  void* file_;  // gzFile
  std::vector<std::string> columns_;
  std::size_t unreadable_ = 0;
};

/// Splits at commas; a cell in double quotes may hold commas and doubled quotes.
std::vector<std::string> split_csv(std::string_view line);
/// ISO 8601 or seconds, in microseconds.
std::optional<std::int64_t> parse_time_us(const std::string& text);
/// Missing unless all of the text is a number.
std::optional<double> parse_number(const std::string& text);

}  // namespace millwright::replay
