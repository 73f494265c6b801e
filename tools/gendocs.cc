// SPDX-License-Identifier: Apache-2.0
// Writes the documents that are made from tables: `gendocs ROOT`, called by `make docs`. A test of
// each folder fails when what is committed is no longer what its table says.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "config/json_schema.h"
#include "config/reference.h"
#include "diagnose/advice/cause_page.h"
#include "fault/catalogue.h"
#include "fault/causes_document.h"
#include "report/documents.h"

namespace {

struct Document {
  const char* path;
  std::string (*text)();
};

constexpr Document documents[] = {
    {"docs/configuration.md", gg::configuration_reference},
    {"docs/goodgate.schema.json", gg::json_schema},
    {"docs/causes.md", gg::causes_document},
    {"docs/access-log.md", gg::access_log_document},
    {"docs/metrics.md", gg::metrics_document},
};

/// Leaves a file alone that is right already, so that nothing is rebuilt because of it.
bool write(const std::filesystem::path& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ifstream old(path, std::ios::binary);
  std::string written((std::istreambuf_iterator<char>(old)), std::istreambuf_iterator<char>());
  if (old && written == text) return true;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return !file.fail();
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path root = argc > 1 ? argv[1] : ".";
  for (const Document& document : documents) {
    if (write(root / document.path, document.text())) continue;
    std::perror(document.path);
    return 1;
  }
  for (const gg::FaultRow& row : gg::catalogue().subspan(1)) {
    std::string path = "docs/causes/" + std::string(row.id) + ".md";
    if (write(root / path, gg::cause_page(row.fault))) continue;
    std::perror(path.c_str());
    return 1;
  }
  return 0;
}
