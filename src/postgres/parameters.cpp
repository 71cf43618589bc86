#include "postgres/parameters.h"

#include <bit>

namespace millwright::postgres {
namespace {

// Object identifiers of the types, fixed in PostgreSQL's catalog (pg_type.dat).
constexpr unsigned kBool = 16;
constexpr unsigned kBytea = 17;
constexpr unsigned kInt8 = 20;
constexpr unsigned kText = 25;
constexpr unsigned kFloat8 = 701;
constexpr unsigned kInt8Array = 1016;
constexpr unsigned kFloat8Array = 1022;

template <typename T>
std::string array_of(std::span<const T> values, unsigned element) {
  std::string out;
  out.reserve(20 + values.size() * 12);
  put_be(out, values.empty() ? 0 : 1, 4);  // dimensions
  put_be(out, 0, 4);                       // no nulls
  put_be(out, element, 4);
  if (!values.empty()) {
    put_be(out, values.size(), 4);
    put_be(out, 1, 4);  // first index
  }
  for (const T value : values) {
    put_be(out, 8, 4);
    put_be(out, std::bit_cast<std::uint64_t>(value), 8);
  }
  return out;
}

}  // namespace

void put_be(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

std::uint64_t get_be(const char* from, int bytes) {
  std::uint64_t out = 0;
  for (int i = 0; i < bytes; ++i) out = out << 8 | static_cast<unsigned char>(from[i]);
  return out;
}

void Parameters::put(unsigned type, std::string bytes) {
  types_.push_back(type);
  bytes_.push_back(std::move(bytes));
  is_null_.push_back(false);
}

void Parameters::add(std::int64_t value) {
  std::string bytes;
  put_be(bytes, static_cast<std::uint64_t>(value), 8);
  put(kInt8, std::move(bytes));
}
void Parameters::add(double value) {
  std::string bytes;
  put_be(bytes, std::bit_cast<std::uint64_t>(value), 8);
  put(kFloat8, std::move(bytes));
}
void Parameters::add(bool value) { put(kBool, std::string(1, value ? '\1' : '\0')); }
void Parameters::add(std::string_view text) { put(kText, std::string(text)); }
void Parameters::add(std::span<const std::uint8_t> bytes) {
  put(kBytea, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}
void Parameters::add(std::span<const std::int64_t> array) {
  put(kInt8Array, array_of(array, kInt8));
}
void Parameters::add(std::span<const double> array) { put(kFloat8Array, array_of(array, kFloat8)); }

std::vector<const char*> Parameters::values() const {
  std::vector<const char*> out;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    out.push_back(is_null_[i] ? nullptr : bytes_[i].data());
  }
  return out;
}

std::vector<int> Parameters::lengths() const {
  std::vector<int> out;
  for (const std::string& bytes : bytes_) out.push_back(static_cast<int>(bytes.size()));
  return out;
}

}  // namespace millwright::postgres
