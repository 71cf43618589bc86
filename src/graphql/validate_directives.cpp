// Directives: defined, in a location that they are meant for, once unless repeatable (5.7).

#include <map>

#include "base/text.h"
#include "graphql/validation_rules.h"

namespace millwright::graphql {
namespace {

class DirectiveRules : public Visitor {
 public:
  explicit DirectiveRules(Validation& validation) : validation_(validation) {}

  void directives(const std::vector<ast::Directive>& directives,
                  DirectiveLocation location) override {
    std::map<std::string_view, ast::Location> seen;
    for (const ast::Directive& directive : directives) {
      const std::string shown = quote("@" + directive.name);
      const DirectiveDefinition* definition = validation_.schema().directive(directive.name);
      if (definition == nullptr) {
        validation_.error("Unknown directive " + shown + ".", {directive.location});
        continue;
      }
      if ((definition->locations & static_cast<std::uint32_t>(location)) == 0) {
        validation_.error(
            "Directive " + shown + " may not stand on " + std::string(to_string(location)) + ".",
            {directive.location});
      }
      if (definition->repeatable) continue;
      const auto [first, is_new] = seen.emplace(directive.name, directive.location);
      if (!is_new) {
        validation_.error("Directive " + shown + " may stand here only once.",
                          {first->second, directive.location});
      }
    }
  }

 private:
  Validation& validation_;
};

}  // namespace

void validate_directives(Validation& validation) {
  DirectiveRules rules(validation);
  walk(validation.schema(), validation.document(), rules);
}

}  // namespace millwright::graphql
