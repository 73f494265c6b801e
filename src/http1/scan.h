// SPDX-License-Identifier: Apache-2.0
// Runs of allowed bytes, sixteen at a time where the machine can. Only the parsers of this folder
// use it. Each function has a scalar twin that gives the same answer, for other machines and for
// the test that compares them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

#include "http/characters.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gg::scan {

/// Each returns the first place in [at, end) whose byte is not of the class, or `end`.
template <CharacterClass wanted>
const char* skip_scalar(const char* at, const char* end) {
  while (at != end && is_in(wanted, *at)) ++at;
  return at;
}

/// How many control bytes stand in [at, end): those of no field value.
inline std::size_t count_controls_scalar(const char* at, const char* end) {
  std::size_t count = 0;
  for (; at != end; ++at) count += is_in(CharacterClass::value, *at) ? 0 : 1;
  return count;
}

#if defined(__SSE2__)

/// `marks(sixteen)` has a bit set for each byte to stop at; it may mark too many, never too few.
template <CharacterClass wanted, class Marks>
const char* skip_sixteens(const char* at, const char* end, Marks marks) {
  while (end - at >= 16) {
    unsigned stops = marks(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    if (stops == 0) {
      at += 16;
      continue;
    }
    at += std::countr_zero(stops);
    if (!is_in(wanted, *at)) return at;
    ++at;
  }
  return skip_scalar<wanted>(at, end);
}

inline __m128i is_at_most(__m128i bytes, char most) {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(most)), bytes);
}

inline __m128i is_equal(__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }

inline unsigned mask_of(__m128i bytes) { return static_cast<unsigned>(_mm_movemask_epi8(bytes)); }

/// 0xff for each byte that no field value has: control characters but HTAB.
inline __m128i controls(__m128i bytes) {
  __m128i low = _mm_andnot_si128(is_equal(bytes, '\t'), is_at_most(bytes, 0x1f));
  return _mm_or_si128(low, is_equal(bytes, 0x7f));
}

inline const char* skip_value(const char* at, const char* end) {
  return skip_sixteens<CharacterClass::value>(
      at, end, [](__m128i bytes) { return mask_of(controls(bytes)); });
}

inline std::size_t count_controls(const char* at, const char* end) {
  std::size_t count = 0;
  while (end - at >= 16) {
    // Sixteen counters of one byte each: 255 rounds before one could overflow.
    std::ptrdiff_t rounds = std::min<std::ptrdiff_t>((end - at) / 16, 255);
    __m128i counters = _mm_setzero_si128();
    for (std::ptrdiff_t i = 0; i < rounds; ++i, at += 16) {
      __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      counters = _mm_sub_epi8(counters, controls(bytes));
    }
    __m128i sums = _mm_sad_epu8(counters, _mm_setzero_si128());
    count += static_cast<std::size_t>(_mm_cvtsi128_si64(sums)) +
             static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_srli_si128(sums, 8)));
  }
  return count + count_controls_scalar(at, end);
}

/// So many control bytes are known to stand in [at, end): are these all? Quicker than counting
/// where no HTAB is.
inline bool has_no_more_controls(const char* at, const char* end, std::size_t known) {
  const char* first = at;
  __m128i counters = _mm_setzero_si128();
  // Counters of one byte each: longer texts are left to the other function.
  if (end - at < 16 || end - at > 16 * 255) return count_controls(at, end) == known;
  auto low_or_delete = [](const char* place) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
    return _mm_or_si128(is_at_most(bytes, 0x1f), is_equal(bytes, 0x7f));
  };
  for (; end - at >= 32; at += 32) {
    counters = _mm_sub_epi8(counters, low_or_delete(at));
    counters = _mm_sub_epi8(counters, low_or_delete(at + 16));
  }
  if (end - at >= 16) {
    counters = _mm_sub_epi8(counters, low_or_delete(at));
    at += 16;
  }
  __m128i sums = _mm_sad_epu8(counters, _mm_setzero_si128());
  auto count = static_cast<std::size_t>(_mm_cvtsi128_si64(sums)) +
               static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_srli_si128(sums, 8)));
  // The last sixteen again, of which some have been counted.
  unsigned last = mask_of(low_or_delete(end - 16));
  count += static_cast<std::size_t>(std::popcount(last >> (16 - (end - at))));
  return count == known || count_controls(first, end) == known;
}

/// Tokens: the marks know letters, digits, '-' and '_', which is nearly every field name.
inline const char* skip_token(const char* at, const char* end) {
  return skip_sixteens<CharacterClass::token>(at, end, [](__m128i bytes) {
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i letter = is_at_most(_mm_sub_epi8(lower, _mm_set1_epi8('a')), 25);
    __m128i digit = is_at_most(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), 9);
    __m128i joint = _mm_or_si128(is_equal(bytes, '-'), is_equal(bytes, '_'));
    return ~mask_of(_mm_or_si128(_mm_or_si128(letter, digit), joint)) & 0xffffU;
  });
}

/// Request targets: visible ASCII but '#'. The comparison is signed, so 0x80 and up are below.
inline const char* skip_target(const char* at, const char* end) {
  return skip_sixteens<CharacterClass::target>(at, end, [](__m128i bytes) {
    __m128i visible = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x20));
    __m128i wrong = _mm_or_si128(is_equal(bytes, 0x7f), is_equal(bytes, '#'));
    return ~mask_of(_mm_andnot_si128(wrong, visible)) & 0xffffU;
  });
}

#else

inline const char* skip_value(const char* at, const char* end) {
  return skip_scalar<CharacterClass::value>(at, end);
}
inline const char* skip_token(const char* at, const char* end) {
  return skip_scalar<CharacterClass::token>(at, end);
}
inline const char* skip_target(const char* at, const char* end) {
  return skip_scalar<CharacterClass::target>(at, end);
}
inline std::size_t count_controls(const char* at, const char* end) {
  return count_controls_scalar(at, end);
}
inline bool has_no_more_controls(const char* at, const char* end, std::size_t known) {
  return count_controls_scalar(at, end) == known;
}

#endif

}  // namespace gg::scan
