/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_TLS_H
#define WEIR_CONTROL_TLS_H

#include "base/error.h"

// The certificate chain and the private key that handshakes use (PEM files), which can be read again
// while connections are open: those keep what they began with. Control thread only.

struct ssl_ctx_st;
struct tls;

// NULL with a line in err that names the file and what OpenSSL has against it.
struct tls *tls_create(const char *certificate, const char *key, struct error *err);
void tls_free(struct tls *t);  // NULL is fine

// Read both files again. 0; or -EINVAL with err filled, and what there is stays.
int tls_reload(struct tls *t, struct error *err);

// From now on, handshakes of this server's context use them. t must live as long.
void tls_attach(struct tls *t, struct ssl_ctx_st *ctx);

#define TLS_EXPIRY_LEN 24
// When the certificate ends, as 2026-11-27T17:00:00Z.
void tls_expiry(const struct tls *t, char ret_text[TLS_EXPIRY_LEN]);

#endif
