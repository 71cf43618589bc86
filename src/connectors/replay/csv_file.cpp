#include "connectors/replay/csv_file.h"

#include <zlib.h>

#include <charconv>
#include <cmath>

#include "base/clock.h"
#include "base/text.h"

namespace millwright::replay {
namespace {

constexpr std::size_t kMaxLineBytes = 1 << 20;

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += '"';
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (std::string& cell : cells) cell = trimmed(cell);
  return cells;
}

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_time_us(const std::string& text) {
  if (const auto seconds = parse_number(text)) {
    if (!(std::abs(*seconds) < 1e12)) return std::nullopt;
    return std::llround(*seconds * 1e6);
  }
  const auto time = parse_utc(text);
  if (!time) return std::nullopt;
  return to_us(*time);
}

Result<std::unique_ptr<CsvFile>> CsvFile::open(const std::string& path) {
  gzFile opened = gzopen(path.c_str(), "rb");
  if (opened == nullptr) {
    return not_found("the replay file " + quote(path) + " cannot be opened; check the path");
  }
  std::unique_ptr<CsvFile> file(new CsvFile(opened));
  std::string line;
  if (!file->read_line(&line)) {
    return invalid_argument("the replay file " + quote(path) + " is empty");
  }
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  file->columns_ = split_csv(line);
  if (file->columns_.size() < 2 || file->columns_[0] != "timestamp") {
    return invalid_argument("line 1 of the replay file " + quote(path) + " is " + quote(line) +
                            "; expected column names, the first of them 'timestamp'");
  }
  file->columns_.erase(file->columns_.begin());
  return file;
}

CsvFile::~CsvFile() { gzclose(static_cast<gzFile>(file_)); }

bool CsvFile::read_line(std::string* line) {
  line->clear();
  char buffer[4096];
  while (gzgets(static_cast<gzFile>(file_), buffer, sizeof buffer) != nullptr) {
    *line += buffer;
    if (line->ends_with('\n')) {
      line->pop_back();
      if (line->ends_with('\r')) line->pop_back();
      return true;
    }
    if (line->size() > kMaxLineBytes) return false;
  }
  return !line->empty();
}

std::optional<CsvRow> CsvFile::next() {
  std::string line;
  while (read_line(&line)) {
    if (line.empty()) continue;
    std::vector<std::string> cells = split_csv(line);
    const auto time_us = parse_time_us(cells[0]);
    if (!time_us || cells.size() > columns_.size() + 1) {
      ++unreadable_;
      continue;
    }
    cells.erase(cells.begin());
    cells.resize(columns_.size());
    return CsvRow{*time_us, std::move(cells)};
  }
  return std::nullopt;
}

void CsvFile::rewind() {
  gzrewind(static_cast<gzFile>(file_));
  std::string header;
  read_line(&header);
}

}  // namespace millwright::replay
