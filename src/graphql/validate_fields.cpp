// Known type names, fields that their type has, leaves and selections, fragments on composite types
// and in places where they can apply (5.3.1, 5.3.3, 5.5.1.2, 5.5.1.3, 5.5.2.3).

#include <algorithm>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

bool overlap(const NamedType& a, const NamedType& b) {
  if (a.may_be(&b) || b.may_be(&a)) return true;
  return std::any_of(a.possible_types.begin(), a.possible_types.end(),
                     [&](const NamedType* type) { return b.may_be(type); });
}

class FieldRules : public Visitor {
 public:
  explicit FieldRules(Validation& validation) : validation_(validation) {}

  void variable(const ast::VariableDefinition& variable) override {
    known_type(variable.type.name, variable.type.location);
  }

  void fragment(const ast::Fragment& fragment, const NamedType* type) override {
    known_type(fragment.type_condition, fragment.type_condition_location);
    on_composite(type, fragment.type_condition_location);
  }

  void inline_fragment(const ast::Selection& selection, const NamedType* parent,
                       const NamedType* type) override {
    if (!selection.type_condition) return;
    known_type(*selection.type_condition, selection.type_condition_location);
    on_composite(type, selection.type_condition_location);
    can_apply(parent, type, selection.location);
  }

  void spread(const ast::Selection& selection, const NamedType* parent) override {
    const ast::Fragment* fragment = validation_.document().fragment(selection.name);
    if (fragment == nullptr) return;
    can_apply(parent, validation_.schema().type(fragment->type_condition), selection.location);
  }

  void field(const ast::Selection& selection, const NamedType* parent,
             const Field* definition) override {
    if (definition == nullptr) {
      if (parent != nullptr && parent->is_composite()) {
        validation_.error(
            "Cannot query field " + quote(selection.name) + " on type '" + parent->name + "'.",
            {selection.location});
      }
      return;
    }
    const bool is_leaf = definition->type->named->is_leaf();
    if (is_leaf && !selection.selections.empty()) {
      validation_.error("Field " + quote(selection.name) + " has no subfields: its type is '" +
                            to_string(*definition->type) + "'.",
                        {selection.location});
    }
    if (!is_leaf && selection.selections.empty()) {
      validation_.error("Field " + quote(selection.name) + " of type '" +
                            to_string(*definition->type) + "' needs a selection of subfields.",
                        {selection.location});
    }
  }

 private:
  void known_type(const std::string& name, ast::Location location) {
    if (validation_.schema().type(name) == nullptr) {
      validation_.error("Unknown type " + quote(name) + ".", {location});
    }
  }

  void on_composite(const NamedType* type, ast::Location location) {
    if (type == nullptr || type->is_composite()) return;
    validation_.error("A fragment cannot be on '" + type->name + "', which has no fields.",
                      {location});
  }

  void can_apply(const NamedType* parent, const NamedType* type, ast::Location location) {
    if (parent == nullptr || type == nullptr) return;
    if (!parent->is_composite() || !type->is_composite() || overlap(*parent, *type)) return;
    validation_.error(
        "A fragment on '" + type->name + "' can never apply to '" + parent->name + "'.",
        {location});
  }

  Validation& validation_;
};

}  // namespace

void validate_fields(Validation& validation) {
  FieldRules rules(validation);
  walk(validation.schema(), validation.document(), rules);
}

}  // namespace millwright::graphql
