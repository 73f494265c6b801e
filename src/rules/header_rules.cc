// SPDX-License-Identifier: Apache-2.0
#include "rules/header_rules.h"

#include "base/text.h"

namespace gg {

HeaderRules::HeaderRules(const HeaderChanges& changes) {
  auto remove = [this](const std::string& name) {
    removed_.push_back({name, field_name_of(name)});
  };
  auto write = [this](const HeaderText& field) {
    written_.push_back({field.name, field_name_of(field.name), TextTemplate(field.text)});
  };
  for (const std::string& name : changes.remove) remove(name);
  for (const HeaderText& field : changes.set) {
    remove(field.name);
    write(field);
  }
  for (const HeaderText& field : changes.add) write(field);
}

bool HeaderRules::removes(const Field& field) const {
  for (const Name& name : removed_) {
    bool is_meant = name.id == FieldName::other ? equal_ignoring_case(name.text, field.name)
                                                : name.id == field.id;
    if (is_meant) return true;
  }
  return false;
}

std::size_t HeaderRules::text_size(const RequestView& request) const {
  std::size_t size = 0;
  for (const Written& field : written_) size += field.text.size(request);
  return size;
}

}  // namespace gg
