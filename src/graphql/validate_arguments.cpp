// Arguments of fields and directives: known, unique, required ones given (5.4).

#include <map>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

class ArgumentRules : public Visitor {
 public:
  explicit ArgumentRules(Validation& validation) : validation_(validation) {}

  void field(const ast::Selection& selection, const NamedType* parent,
             const Field* definition) override {
    const std::string owner = "field " + quote(selection.name);
    unique(selection.arguments, owner);
    if (definition == nullptr) return;
    const std::string place = parent ? owner + " of type '" + parent->name + "'" : owner;
    check(selection.arguments, definition->arguments, place, selection.location);
  }

  void directives(const std::vector<ast::Directive>& directives, DirectiveLocation) override {
    for (const ast::Directive& directive : directives) {
      const std::string owner = "directive " + quote("@" + directive.name);
      unique(directive.arguments, owner);
      const DirectiveDefinition* definition = validation_.schema().directive(directive.name);
      if (definition == nullptr) continue;
      check(directive.arguments, definition->arguments, owner, directive.location);
    }
  }

 private:
  void unique(const std::vector<ast::Argument>& arguments, const std::string& owner) {
    std::map<std::string_view, ast::Location> seen;
    for (const ast::Argument& argument : arguments) {
      const auto [first, is_new] = seen.emplace(argument.name, argument.location);
      if (is_new) continue;
      validation_.error("Argument " + quote(argument.name) + " of " + owner + " stands twice.",
                        {first->second, argument.location});
    }
  }

  void check(const std::vector<ast::Argument>& arguments,
             const std::vector<InputValue>& definitions, const std::string& owner,
             ast::Location location) {
    for (const ast::Argument& argument : arguments) {
      bool is_known = false;
      for (const InputValue& definition : definitions) {
        is_known = is_known || definition.name == argument.name;
      }
      if (!is_known) {
        validation_.error("Unknown argument " + quote(argument.name) + " on " + owner + ".",
                          {argument.location});
      }
    }
    for (const InputValue& definition : definitions) {
      bool is_given = !definition.is_required();
      for (const ast::Argument& argument : arguments) {
        is_given = is_given || argument.name == definition.name;
      }
      if (!is_given) {
        validation_.error("Argument '" + definition.name + "' of type '" +
                              to_string(*definition.type) + "' is required on " + owner + ".",
                          {location});
      }
    }
  }

  Validation& validation_;
};

}  // namespace

void validate_arguments(Validation& validation) {
  ArgumentRules rules(validation);
  walk(validation.schema(), validation.document(), rules);
}

}  // namespace millwright::graphql
