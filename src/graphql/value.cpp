#include "graphql/value.h"

#include <algorithm>

namespace millwright::graphql {

std::size_t Table::rows() const {
  if (columns_.empty()) return 0;
  std::size_t rows = SIZE_MAX;
  for (const auto& [name, column] : columns_) {
    rows = std::min(rows, std::visit([](const auto& items) { return items.size(); }, column));
  }
  return rows;
}

const Column* Table::column(std::string_view name) const {
  for (const auto& [candidate, column] : columns_) {
    if (candidate == name) return &column;
  }
  return nullptr;
}

Object::Object() = default;
Object::Object(std::string type_name) : type_name_(std::move(type_name)) {}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Object& Object::set(std::string name, ResolvedValue value) {
  members_.push_back({std::move(name), std::move(value)});
  return *this;
}

const ResolvedValue* Object::get(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

}  // namespace millwright::graphql
