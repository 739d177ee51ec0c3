/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_TLS_H
#define WEIR_CONTROL_TLS_H

#include "base/error.h"

// Can a server use this certificate chain and this key (PEM files)? 0, or -EINVAL with a line that
// names the file and what OpenSSL has against it.
int tls_files_check(const char *certificate, const char *key, struct error *err);

#endif
