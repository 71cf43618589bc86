#include "graphql/resolvers.h"

#include <algorithm>

#include "base/text.h"

namespace millwright::graphql {

ValueView::ValueView(const ResolvedValue& value) {
  if (const auto* json = std::get_if<Json>(&value.data())) {
    *this = ValueView(*json);
  } else {
    data_ = &value;
  }
}

ValueView::ValueView(const Column& column, std::size_t row) {
  std::visit([&](const auto& items) { data_ = items[row]; }, column);
}

ValueView ValueView::member(std::string_view name) const {
  if (const auto* json = std::get_if<const Json*>(&data_)) {
    if (!(*json)->is_object()) return {};
    const auto found = (*json)->find(name);
    return found == (*json)->end() ? ValueView() : ValueView(*found);
  }
  if (const auto* value = std::get_if<const ResolvedValue*>(&data_)) {
    const auto* object = std::get_if<Object>(&(*value)->data());
    const ResolvedValue* member = object ? object->get(name) : nullptr;
    return member ? ValueView(*member) : ValueView();
  }
  if (const auto* row = std::get_if<Row>(&data_)) {
    const Column* column = row->table->column(name);
    return column ? ValueView(*column, row->row) : ValueView();
  }
  return {};
}

const Json& FieldCall::argument(std::string_view name) const {
  static const Json kNull;
  const auto found = arguments.find(name);
  return found == arguments.end() ? kNull : *found;
}

bool FieldCall::selects(std::string_view name) const {
  return std::find(selected.begin(), selected.end(), name) != selected.end();
}

void Resolvers::field(std::string type_name, std::string field_name, Resolver resolver) {
  fields_[std::move(type_name)][std::move(field_name)] = std::move(resolver);
}

void Resolvers::subscription(std::string field_name, Subscriber subscriber) {
  subscriptions_[std::move(field_name)] = std::move(subscriber);
}

const Resolver* Resolvers::find(std::string_view type_name, std::string_view field_name) const {
  const auto type = fields_.find(type_name);
  if (type == fields_.end()) return nullptr;
  const auto found = type->second.find(field_name);
  return found == type->second.end() ? nullptr : &found->second;
}

const Subscriber* Resolvers::find_subscription(std::string_view field_name) const {
  const auto found = subscriptions_.find(field_name);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

Result<> Resolvers::check(const Schema& schema) const {
  const auto missing = [](const std::string& place) {
    return invalid_argument("A resolver is bound to " + quote(place) +
                            ", which the schema does not have; bind to a field of the schema.");
  };
  for (const auto& [type_name, fields] : fields_) {
    const NamedType* type = schema.type(type_name);
    for (const auto& [field_name, resolver] : fields) {
      if (type == nullptr || type->field(field_name) == nullptr) {
        return missing(type_name + "." + field_name);
      }
    }
  }
  const NamedType* root = schema.root(OperationKind::kSubscription);
  for (const auto& [field_name, subscriber] : subscriptions_) {
    if (root == nullptr || root->field(field_name) == nullptr) {
      return missing("Subscription." + field_name);
    }
  }
  return {};
}

}  // namespace millwright::graphql
