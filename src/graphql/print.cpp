#include "graphql/ast.h"

namespace millwright::graphql {
namespace {

void print_string(std::string& out, const std::string& text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void print_to(std::string& out, const ast::Value& value) {
  switch (value.kind) {
    case ast::ValueKind::kVariable:
      out += '$' + value.text;
      return;
    case ast::ValueKind::kString:
      print_string(out, value.text);
      return;
    case ast::ValueKind::kList:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ", ";
        print_to(out, value.items[i]);
      }
      out += ']';
      return;
    case ast::ValueKind::kObject:
      out += '{';
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) out += ", ";
        out += value.members[i].name + ": ";
        print_to(out, value.members[i].value);
      }
      out += '}';
      return;
    default:
      out += value.text;
  }
}

}  // namespace

std::string ast::print(const Value& value) {
  std::string out;
  print_to(out, value);
  return out;
}

std::string ast::print(const TypeReference& type) {
  std::string out = type.name;
  for (const TypeReference::Wrapper wrapper : type.wrappers) {
    out = wrapper == TypeReference::Wrapper::kList ? "[" + out + "]" : out + "!";
  }
  return out;
}

std::string to_string(const Type& type) {
  if (type.is_non_null()) return to_string(*type.of_type) + "!";
  if (type.is_list()) return "[" + to_string(*type.of_type) + "]";
  return type.named->name;
}

}  // namespace millwright::graphql
