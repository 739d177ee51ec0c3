/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_TLS_FAULT_H
#define WEIR_CONTROL_TLS_FAULT_H

#include "base/error.h"

// Why OpenSSL did not take a file: it says "PEM lib" whatever that was. These look into the file, and
// take what OpenSSL has in its queue of errors, for which they are called first thing after it. -EINVAL
// with err filled.
int tls_certificate_fault(const char *file, struct error *err);
int tls_key_fault(const char *file, const char *certificate, struct error *err);
// The files are good each by itself.
int tls_pair_fault(const char *key, const char *certificate, struct error *err);

#endif
