// Variables: unique, of input types, defined where used, used where defined, and allowed in the
// position that they stand in (5.8).

#include <map>
#include <set>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

struct Usage {
  const ast::Value* variable;
  const Type* type;  // null where the position is not known
  bool position_has_default;
};

// Collects every use of a variable below one operation or fragment.
class Usages : public Visitor {
 public:
  void argument(const ast::Argument& argument, const InputValue* definition) override {
    collect(argument.value, definition ? definition->type : nullptr,
            definition && definition->default_value);
  }
  std::vector<Usage> take() { return std::move(usages_); }

 private:
  void collect(const ast::Value& value, const Type* type, bool has_default) {
    if (value.kind == ast::ValueKind::kVariable) {
      usages_.push_back({&value, type, has_default});
      return;
    }
    const Type* inner = type ? type->nullable() : nullptr;
    const bool is_list = inner != nullptr && inner->is_list();
    for (const ast::Value& item : value.items) {
      collect(item, is_list ? inner->of_type : nullptr, false);
    }
    // An object in place of a list of objects stands for a list of one.
    const NamedType* object = inner ? inner->named : nullptr;
    for (const ast::ObjectField& member : value.members) {
      const InputValue* field = object ? object->input_field(member.name) : nullptr;
      collect(member.value, field ? field->type : nullptr, field && field->default_value);
    }
  }

  std::vector<Usage> usages_;
};

// AreTypesCompatible of 5.8.5.
bool is_compatible(const Type& variable, const Type& position) {
  if (position.is_non_null()) {
    return variable.is_non_null() && is_compatible(*variable.of_type, *position.of_type);
  }
  if (variable.is_non_null()) return is_compatible(*variable.of_type, position);
  if (position.is_list() || variable.is_list()) {
    return position.is_list() && variable.is_list() &&
           is_compatible(*variable.of_type, *position.of_type);
  }
  return variable.named == position.named;
}

bool is_allowed(const ast::VariableDefinition& definition, const Type& type, const Usage& usage) {
  const Type& position = *usage.type;
  if (!position.is_non_null() || type.is_non_null()) return is_compatible(type, position);
  const bool has_default =
      definition.default_value && definition.default_value->kind != ast::ValueKind::kNull;
  if (!has_default && !usage.position_has_default) return false;
  return is_compatible(type, *position.of_type);
}

class VariableRules {
 public:
  explicit VariableRules(Validation& validation)
      : validation_(validation), types_(validation.schema()) {}

  void check(const ast::Operation& operation) {
    std::map<std::string_view, const ast::VariableDefinition*> defined;
    for (const ast::VariableDefinition& variable : operation.variables) define(variable, defined);
    std::set<std::string_view> used;
    const auto use = [&](const std::vector<Usage>& usages) {
      for (const Usage& usage : usages) {
        used.insert(usage.variable->text);
        check_usage(operation, usage, defined);
      }
    };
    Usages own;
    walk(validation_.schema(), operation, own);
    use(own.take());
    for (const ast::Fragment* fragment : reachable_fragments(validation_.document(), operation)) {
      use(fragment_usages(*fragment));
    }
    for (const ast::VariableDefinition& variable : operation.variables) {
      if (!used.contains(variable.name)) {
        validation_.error("Variable " + quote("$" + variable.name) + " is never used.",
                          {variable.location});
      }
    }
  }

 private:
  const std::vector<Usage>& fragment_usages(const ast::Fragment& fragment) {
    const auto [found, is_new] = by_fragment_.try_emplace(&fragment);
    if (is_new) {
      Usages usages;
      walk(validation_.schema(), fragment, usages);
      found->second = usages.take();
    }
    return found->second;
  }

  void define(const ast::VariableDefinition& variable,
              std::map<std::string_view, const ast::VariableDefinition*>& defined) {
    const auto [first, is_new] = defined.emplace(variable.name, &variable);
    if (!is_new) {
      validation_.error("There can be only one variable named " + quote("$" + variable.name) + ".",
                        {first->second->location, variable.location});
    }
    const NamedType* type = validation_.schema().type(variable.type.name);
    if (type != nullptr && !type->is_input()) {
      validation_.error("Variable " + quote("$" + variable.name) + " cannot be of type " +
                            quote(ast::print(variable.type)) + ", which is not an input type.",
                        {variable.type.location});
    }
  }

  void check_usage(const ast::Operation& operation, const Usage& usage,
                   const std::map<std::string_view, const ast::VariableDefinition*>& defined) {
    const std::string shown = quote("$" + usage.variable->text);
    const auto found = defined.find(usage.variable->text);
    if (found == defined.end()) {
      validation_.error("Variable " + shown + " is not defined.",
                        {usage.variable->location, operation.location});
      return;
    }
    const Type* type = types_.resolve(found->second->type);
    if (type == nullptr || usage.type == nullptr) return;
    if (!is_allowed(*found->second, *type, usage)) {
      validation_.error("Variable " + shown + " of type '" + to_string(*type) + "' stands where '" +
                            to_string(*usage.type) + "' is expected.",
                        {found->second->location, usage.variable->location});
    }
  }

  Validation& validation_;
  TypePool types_;
  std::map<const ast::Fragment*, std::vector<Usage>> by_fragment_;
};

}  // namespace

void validate_variables(Validation& validation) {
  VariableRules rules(validation);
  for (const ast::Operation& operation : validation.document().operations) rules.check(operation);
}

}  // namespace millwright::graphql
