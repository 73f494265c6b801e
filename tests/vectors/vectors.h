// SPDX-License-Identifier: Apache-2.0
// Loads the vectors of this folder. The README says where they come from.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "source_dir.h"

namespace gg::testing {

struct Vector {
  std::string id;
  std::string bytes;
  std::string label;  // the source's own opinion
};

inline std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// `file` is a name in this folder.
inline std::vector<Vector> load_vectors(const std::string& file) {
  std::ifstream stream(std::string(GG_SOURCE_DIR "/tests/vectors/") + file);
  std::vector<Vector> vectors;
  for (const nlohmann::json& entry : nlohmann::json::parse(stream)) {
    vectors.push_back({entry["id"], from_hex(entry["hex"]), entry["label"]});
  }
  return vectors;
}

}  // namespace gg::testing
