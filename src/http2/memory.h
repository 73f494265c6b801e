// SPDX-License-Identifier: Apache-2.0
// Memory for nghttp2 from the thread's own free lists, so that a request in steady state asks the
// system for nothing. For the .cc files of this folder.
#pragma once

#include <nghttp2/nghttp2.h>

namespace gg {

/// Lives for ever; for use on any thread, where each block is released on the one that took it.
nghttp2_mem* http2_memory();

}  // namespace gg
