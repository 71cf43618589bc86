#include "figures.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace millwright::bench {
namespace {

/// The number behind `key` in a file of /proc/self.
std::uint64_t of_this_process(const char* file, const std::string& key) {
  std::ifstream in(std::string("/proc/self/") + file);
  for (std::string word; in >> word;) {
    std::uint64_t number = 0;
    if (word == key && in >> number) return number;
  }
  fail("/proc/self/" + std::string(file) + " has no " + key);
}

}  // namespace

void print_figure(const std::string& name, double value, const char* unit) {
  const bool is_large = value >= 1000;
  std::printf(is_large ? "%s\t%.0f\t%s\n" : "%s\t%.4g\t%s\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

void say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double fdatasync_p50_ms(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "probe";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::string block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto start = Steady::now();
    if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) {
      fail("cannot write " + path.string());
    }
    times.push_back(ms_since(start));
  }
  ::close(file);
  std::filesystem::remove(path);
  return median(std::move(times));
}

double resident_mib() { return static_cast<double>(of_this_process("status", "VmRSS:")) / 1024; }
double peak_resident_mib() {
  return static_cast<double>(of_this_process("status", "VmHWM:")) / 1024;
}
std::uint64_t bytes_written() { return of_this_process("io", "write_bytes:"); }

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) total += entry.file_size();
  }
  return total;
}

}  // namespace millwright::bench
