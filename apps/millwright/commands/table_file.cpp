#include "apps/millwright/commands/table_file.h"

#include <zlib.h>

#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxLine = std::size_t{64} << 10;

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace

Result<> read_lines(const std::filesystem::path& path, const LineReader& reader) {
  const std::unique_ptr<gzFile_s, CloseGzip> file(gzopen(path.c_str(), "rb"));
  if (!file) return not_found("file " + quote(path.string()) + " cannot be read: check the path");
  std::vector<char> buffer(kMaxLine);
  std::size_t total = 0;
  for (std::size_t number = 1;; ++number) {
    const auto where = [&] { return quote(path.string()) + " line " + std::to_string(number); };
    if (gzgets(file.get(), buffer.data(), static_cast<int>(buffer.size())) == nullptr) {
      int code = Z_OK;
      gzerror(file.get(), &code);
      if (code == Z_OK || code == Z_STREAM_END) return {};
      return invalid_argument(where() + ": the file is damaged; fetch it again");
    }
    const std::string_view raw = buffer.data();
    if (raw.size() + 1 >= buffer.size())
      return invalid_argument(where() + ": the line is too long");
    total += raw.size();
    if (total > kMaxBytes) return invalid_argument(where() + ": the file is over 1 GiB unpacked");
    const std::string_view line = trimmed(raw);
    if (line.empty()) continue;
    if (auto read = reader(number, line); !read) {
      return Error{read.error().code, where() + ": " + read.error().message, read.error().detail};
    }
  }
}

std::filesystem::path table_in(const std::filesystem::path& folder, const std::string& name) {
  const auto packed = folder / (name + ".gz");
  return std::filesystem::exists(packed) ? packed : folder / name;
}

std::vector<std::string_view> split_commas(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> split_blanks(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t at = 0; at < line.size();) {
    const auto from = line.find_first_not_of(" \t", at);
    if (from == std::string_view::npos) break;
    const auto to = std::min(line.find_first_of(" \t", from), line.size());
    cells.push_back(line.substr(from, to - from));
    at = to;
  }
  return cells;
}

Result<double> to_number(std::string_view column, std::string_view cell) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) {
    return invalid_argument("column " + quote(column) + " has " + quote(cell) +
                            ", which is no finite number");
  }
  return value;
}

}  // namespace millwright
