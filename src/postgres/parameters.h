#pragma once
/// Values for a statement's $1, $2 …, in PostgreSQL's binary format.
///
/// Text and bytes are copied. Threads: one at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millwright::postgres {

class Parameters {
 public:
  void add(std::int64_t value);
  void add(int value) { add(std::int64_t{value}); }
  void add(std::uint64_t value) { add(static_cast<std::int64_t>(value)); }
  void add(double value);
  void add(bool value);
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(std::span<const std::uint8_t> bytes);
  void add(std::span<const std::int64_t> array);  ///< bigint[]
  void add(std::span<const double> array);        ///< double precision[]
  void add(const std::vector<std::int64_t>& array) { add(std::span(array)); }
  void add(const std::vector<double>& array) { add(std::span(array)); }
  template <typename T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add(T{});
      is_null_.back() = true;
    }
  }

  std::size_t size() const { return types_.size(); }
  const std::vector<unsigned>& types() const { return types_; }
  /// Pointers for libpq; valid until the next add().
  std::vector<const char*> values() const;
  std::vector<int> lengths() const;

 private:
  void put(unsigned type, std::string bytes);

  std::vector<unsigned> types_;
  std::vector<std::string> bytes_;
  std::vector<bool> is_null_;
};

/// Big-endian words, as PostgreSQL sends them.
void put_be(std::string& out, std::uint64_t value, int bytes);
std::uint64_t get_be(const char* from, int bytes);

}  // namespace millwright::postgres
