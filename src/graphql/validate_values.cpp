// Values of correct type; input object fields known, unique, required ones given (5.6).

#include <map>

#include "base/text.h"
#include "graphql/coercion.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

class ValueRules : public Visitor {
 public:
  explicit ValueRules(Validation& validation)
      : validation_(validation), types_(validation.schema()) {}

  void variable(const ast::VariableDefinition& variable) override {
    if (!variable.default_value) return;
    const Type* type = types_.resolve(variable.type);
    const bool is_input = type != nullptr && type->named->is_input();
    check(*variable.default_value, is_input ? type : nullptr);
  }

  void argument(const ast::Argument& argument, const InputValue* definition) override {
    check(argument.value, definition ? definition->type : nullptr);
  }

 private:
  // `type` is null where it is not known: then only what needs no type is checked.
  void check(const ast::Value& value, const Type* type) {
    if (value.kind == ast::ValueKind::kVariable) return;  // validate_variables
    if (value.kind == ast::ValueKind::kObject) unique_members(value);
    if (value.kind == ast::ValueKind::kNull) {
      if (type != nullptr && type->is_non_null()) wrong(value, *type);
      return;
    }
    const Type* inner = type ? type->nullable() : nullptr;
    if (inner != nullptr && inner->is_list()) {
      if (value.kind == ast::ValueKind::kList) return check_items(value, inner->of_type);
      return check(value, inner->of_type);
    }
    if (inner == nullptr) {
      check_items(value, nullptr);
      for (const ast::ObjectField& member : value.members) check(member.value, nullptr);
    } else if (inner->kind == TypeKind::kInputObject) {
      check_object(value, *inner->named);
    } else {
      check_leaf(value, *inner);
    }
  }

  void check_items(const ast::Value& value, const Type* item_type) {
    for (const ast::Value& item : value.items) check(item, item_type);
  }

  void check_leaf(const ast::Value& value, const Type& type) {
    static const Json kNoVariables = Json::object();
    if (type.named->kind == TypeKind::kScalar && type.named->scalar == ScalarKind::kCustom) {
      check_items(value, nullptr);
      for (const ast::ObjectField& member : value.members) check(member.value, nullptr);
      return;
    }
    if (auto leaf = coerce_leaf(value, *type.named, kNoVariables); !leaf) wrong(value, type);
  }

  void check_object(const ast::Value& value, const NamedType& type) {
    if (value.kind != ast::ValueKind::kObject) return wrong(value, type.self);
    for (const ast::ObjectField& member : value.members) {
      const InputValue* field = type.input_field(member.name);
      if (field == nullptr) {
        validation_.error(
            "Field " + quote(member.name) + " is not defined by type '" + type.name + "'.",
            {member.location});
      }
      check(member.value, field ? field->type : nullptr);
    }
    for (const InputValue& field : type.input_fields) {
      bool is_given = !field.is_required();
      for (const ast::ObjectField& member : value.members) {
        is_given = is_given || member.name == field.name;
      }
      if (!is_given) {
        validation_.error("Field '" + type.name + "." + field.name + "' of required type '" +
                              to_string(*field.type) + "' was not provided.",
                          {value.location});
      }
    }
  }

  void unique_members(const ast::Value& value) {
    std::map<std::string_view, ast::Location> seen;
    for (const ast::ObjectField& member : value.members) {
      const auto [first, is_new] = seen.emplace(member.name, member.location);
      if (is_new) continue;
      validation_.error("There can be only one input field named " + quote(member.name) + ".",
                        {first->second, member.location});
    }
  }

  void wrong(const ast::Value& value, const Type& type) {
    validation_.error("Expected a value of type '" + to_string(type) + "', found " +
                          quote(ast::print(value)) + ".",
                      {value.location});
  }

  Validation& validation_;
  TypePool types_;
};

}  // namespace

void validate_values(Validation& validation) {
  ValueRules rules(validation);
  walk(validation.schema(), validation.document(), rules);
}

}  // namespace millwright::graphql
