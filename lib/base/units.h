/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_UNITS_H
#define WEIR_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Text to numbers and back. All parsers take the whole string or nothing: 0 with *ret set, or
// -EINVAL (not a number, trailing text) / -ERANGE with *ret untouched.

// "1048576", decimal, within [min, max].
int units_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret);

// Seconds with fractions ("60", "0.5") to microseconds; "0" is 0. At most ten years.
int units_parse_seconds(const char *text, uint64_t *ret_us);

// A finite decimal number within [min, max].
int units_parse_double(const char *text, double min, double max, double *ret);

// "1000000", "2mpps", "500kpps", "14.88Mpps" to packets per second; case does not matter.
int units_parse_pps(const char *text, uint64_t *ret_pps);

// "127.0.0.1:8080", "collector.example:4739", "[::1]:8080": the host without its brackets into host,
// which has `size` bytes, and a port of 1 to 65535. An IPv6 address wants brackets. No look-up.
int units_parse_host_port(const char *text, char *host, size_t size, uint16_t *ret_port);

// 1234567 -> "1.23 M"; for people, never for programs. Returns buf.
char *units_format_si(double value, char *buf, size_t size);

#endif
