#include "graphql/executor.h"

#include <algorithm>
#include <exception>

#include "base/text.h"
#include "graphql/introspection.h"
#include "graphql/response_writer.h"

namespace millwright::graphql {
namespace {
constexpr std::string_view kPrefix = "{\"data\":";
}

std::string Executor::run(const ast::Operation& operation) {
  SelectionPlan plan = planner_.root(operation);
  out_ = kPrefix;
  return finish(selection(plan, ValueView()));
}

std::string Executor::run_event(const ast::Operation& operation, const ResolvedValue& event) {
  SelectionPlan plan = planner_.root(operation);
  FieldPlan& root = plan.fields.front();
  out_ = kPrefix;
  out_ += '{' + root.prefix;
  path_.push_back({&root.response_key, 0});
  const bool written = complete(root, *root.definition->type, ValueView(event));
  path_.pop_back();
  out_ += '}';
  return finish(written);
}

std::string Executor::finish(bool written) {
  if (overflow_) {
    errors_.clear();
    errors_.push_back({"The answer is larger than " + std::to_string(limits_.response_bytes) +
                           " bytes; ask for a shorter range or fewer fields.",
                       {},
                       {},
                       ErrorCode::kResourceExhausted});
  }
  if (!written) {
    out_ = kPrefix;
    out_ += "null";
  }
  if (!errors_.empty()) {
    out_ += ",\"errors\":";
    append_errors(out_, errors_);
  }
  out_ += '}';
  return std::move(out_);
}

bool Executor::is_overflowing() {
  overflow_ = overflow_ || out_.size() > limits_.response_bytes;
  return overflow_;
}

bool Executor::fail(const FieldPlan& plan, std::string message, ErrorCode code) {
  if (errors_.size() > limits_.errors) return false;
  ResponseError error{std::move(message), {}, Json::array(), code};
  if (errors_.size() == limits_.errors) {
    error = {"Too many errors; the others are left out.", {}, {}, code};
  } else {
    for (const ast::Selection* node : plan.nodes) error.locations.push_back(node->location);
    for (const Step& step : path_) {
      error.path.push_back(step.key ? Json(*step.key) : Json(step.index));
    }
  }
  errors_.push_back(std::move(error));
  return false;
}

bool Executor::selection(SelectionPlan& plan, const ValueView& object) {
  out_ += '{';
  bool is_first = true;
  for (FieldPlan& child : plan.fields) {
    if (!is_first) out_ += ',';
    is_first = false;
    out_ += child.prefix;
    path_.push_back({&child.response_key, 0});
    const bool written = field(child, object);
    path_.pop_back();
    if (!written) return false;
  }
  out_ += '}';
  return true;
}

bool Executor::field(FieldPlan& plan, const ValueView& object) {
  if (plan.is_typename) {
    append_text(out_, plan.parent->name);
    return true;
  }
  if (plan.resolver == nullptr && !plan.is_introspection) {
    return complete(plan, *plan.definition->type, object.member(plan.definition->name));
  }
  return answer(plan, object);
}

bool Executor::answer(FieldPlan& plan, const ValueView& object) {
  const Result<Json>& arguments = planner_.arguments(plan);
  if (!arguments) {
    return answer_null(plan, arguments.error().message, arguments.error().code);
  }
  const Result<ResolvedValue> value = call(plan, *arguments, object);
  if (!value) return answer_null(plan, value.error().message, value.error().code);
  return complete(plan, *plan.definition->type, ValueView(*value));
}

bool Executor::answer_null(const FieldPlan& plan, std::string message, ErrorCode code) {
  fail(plan, std::move(message), code);
  if (plan.definition->type->is_non_null()) return false;
  out_ += "null";
  return true;
}

Result<ResolvedValue> Executor::call(FieldPlan& plan, const Json& arguments,
                                     const ValueView& object) {
  if (plan.is_introspection) {
    return introspect(schema_, *plan.parent, *plan.definition, object, arguments);
  }
  const FieldCall field_call{plan.parent->name, plan.definition->name,  arguments, object,
                             context_,          planner_.selected(plan)};
  try {
    return (*plan.resolver)(field_call);
  } catch (const std::exception& failure) {
    return internal_error("The field could not be answered because of a fault in the server.",
                          failure.what());
  }
}

bool Executor::complete(FieldPlan& plan, const Type& type, const ValueView& value) {
  if (is_overflowing()) return false;
  if (type.is_non_null()) {
    if (!value.is_null()) return complete_present(plan, *type.of_type, value);
    return fail(plan, "Cannot return null for non-nullable field '" + plan.parent->name + "." +
                          plan.definition->name + "'.");
  }
  const std::size_t mark = out_.size();
  if (!value.is_null() && complete_present(plan, type, value)) return true;
  if (overflow_) return false;
  out_.resize(mark);
  out_ += "null";
  return true;
}

bool Executor::complete_present(FieldPlan& plan, const Type& type, const ValueView& value) {
  if (type.is_list()) return complete_list(plan, *type.of_type, value);
  if (type.named->is_composite()) return complete_object(plan, *type.named, value);
  return complete_leaf(plan, *type.named, value);
}

template <typename Item>
bool Executor::items(FieldPlan& plan, const Type& item_type, std::size_t count, Item&& item) {
  out_ += '[';
  path_.push_back({nullptr, 0});
  bool written = true;
  for (std::size_t i = 0; i < count && written; ++i) {
    if (i > 0) out_ += ',';
    path_.back().index = i;
    written = complete(plan, item_type, item(i));
  }
  path_.pop_back();
  out_ += ']';
  return written;
}

bool Executor::complete_list(FieldPlan& plan, const Type& item_type, const ValueView& value) {
  const auto each = [&](std::size_t count, auto&& item) {
    return items(plan, item_type, count, item);
  };
  if (const auto* json = std::get_if<const Json*>(&value.data()); json && (*json)->is_array()) {
    const Json& list = **json;
    return each(list.size(), [&](std::size_t i) { return ValueView(list[i]); });
  }
  if (const auto* held = std::get_if<const ResolvedValue*>(&value.data())) {
    const auto& data = (*held)->data();
    if (const auto* table = std::get_if<Table>(&data)) {
      return each(table->rows(), [&](std::size_t i) { return ValueView(*table, i); });
    }
    if (const auto* list = std::get_if<ResolvedValue::List>(&data)) {
      return each(list->size(), [&](std::size_t i) { return ValueView((*list)[i]); });
    }
    if (const auto* column = std::get_if<std::vector<double>>(&data)) {
      return each(column->size(), [&](std::size_t i) { return ValueView((*column)[i]); });
    }
    if (const auto* column = std::get_if<std::vector<std::int64_t>>(&data)) {
      return each(column->size(), [&](std::size_t i) { return ValueView((*column)[i]); });
    }
    if (const auto* column = std::get_if<TextColumn>(&data)) {
      return each(column->size(), [&](std::size_t i) { return ValueView((*column)[i]); });
    }
  }
  return fail(plan, "Field '" + plan.parent->name + "." + plan.definition->name +
                        "' could not be answered: its value is not a list.");
}

const NamedType* Executor::object_type(const NamedType& type, const ValueView& value) const {
  if (type.kind == TypeKind::kObject) return &type;
  std::string_view name;
  if (const auto* json = std::get_if<const Json*>(&value.data()); json && (*json)->is_object()) {
    const auto found = (*json)->find("__typename");
    if (found != (*json)->end() && found->is_string()) {
      name = found->get_ref<const std::string&>();
    }
  } else if (const auto* held = std::get_if<const ResolvedValue*>(&value.data())) {
    if (const auto* object = std::get_if<Object>(&(*held)->data())) name = object->type_name();
    if (const auto* opaque = std::get_if<Opaque>(&(*held)->data())) name = opaque->type_name;
  }
  const NamedType* found = schema_.type(name);
  return found != nullptr && found->kind == TypeKind::kObject && type.may_be(found) ? found
                                                                                    : nullptr;
}

bool Executor::complete_object(FieldPlan& plan, const NamedType& type, const ValueView& value) {
  bool is_object = std::holds_alternative<ValueView::Row>(value.data());
  if (const auto* json = std::get_if<const Json*>(&value.data())) is_object = (*json)->is_object();
  if (const auto* held = std::get_if<const ResolvedValue*>(&value.data())) {
    is_object = std::holds_alternative<Object>((*held)->data()) ||
                std::holds_alternative<Opaque>((*held)->data());
  }
  const NamedType* concrete = is_object ? object_type(type, value) : nullptr;
  if (concrete == nullptr) {
    return fail(plan, "Field '" + plan.parent->name + "." + plan.definition->name +
                          "' could not be answered: its value is not an object of type '" +
                          type.name + "'.");
  }
  return selection(planner_.children(plan, concrete), value);
}

bool Executor::complete_leaf(const FieldPlan& plan, const NamedType& type, const ValueView& value) {
  if (append_leaf(out_, type, value)) return true;
  return fail(plan, "Field '" + plan.parent->name + "." + plan.definition->name +
                        "' could not be answered: its value is not a valid '" + type.name + "'.");
}

}  // namespace millwright::graphql
