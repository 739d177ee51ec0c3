/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "control/tls_fault.h"

// libwebsockets reads the files once, and says only that it could not start. So they are read here
// first, and each handshake gets what was read last: from SSL_CTX_set_cert_cb(), as a context keeps a
// certificate of each kind of key and would go on with the old one where the kind changes.

struct tls {
	char *certificate_file, *key_file;
	SSL_CTX *loaded;  // holds certificate, chain and key; no handshake uses it
};

// A key that wants a password must not make OpenSSL ask on the terminal.
static int
no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

// Who has the key is this server.
static int
key_is_open(const char *key, struct error *err)
{
	struct stat st;

	if (stat(key, &st) != 0 || (st.st_mode & 007) == 0)
		return 0;
	return error_field(err, -EINVAL, "--tls-key", "--tls-key: %s: found mode %04o, allowed: one "
		"that keeps others out, such as 0600 or 0640", key, st.st_mode & 07777);
}

// NULL with err filled.
static SSL_CTX *
files_load(const char *certificate, const char *key, struct error *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int rc;

	if (ctx == NULL) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	ERR_clear_error();
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		rc = tls_certificate_fault(certificate, err);
	else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		rc = tls_key_fault(key, certificate, err);
	else if (SSL_CTX_check_private_key(ctx) != 1)
		rc = tls_pair_fault(key, certificate, err);
	else
		rc = key_is_open(key, err);
	if (rc == 0)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->loaded);
	free(t->certificate_file);
	free(t->key_file);
	free(t);
}

struct tls *
tls_create(const char *certificate, const char *key, struct error *err)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (t != NULL) {
		t->certificate_file = strdup(certificate);
		t->key_file = strdup(key);
	}
	if (t == NULL || t->certificate_file == NULL || t->key_file == NULL)
		error_set(err, -ENOMEM, "out of memory");
	else
		t->loaded = files_load(certificate, key, err);
	if (t != NULL && t->loaded != NULL)
		return t;
	tls_free(t);
	return NULL;
}

int
tls_reload(struct tls *t, struct error *err)
{
	SSL_CTX *loaded = files_load(t->certificate_file, t->key_file, err);

	if (loaded == NULL)
		return -EINVAL;
	SSL_CTX_free(t->loaded);
	t->loaded = loaded;
	return 0;
}

void
tls_expiry(const struct tls *t, char ret_text[TLS_EXPIRY_LEN])
{
	const X509 *x = SSL_CTX_get0_certificate(t->loaded);
	struct tm when;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &when) != 1 ||
		strftime(ret_text, TLS_EXPIRY_LEN, "%Y-%m-%dT%H:%M:%SZ", &when) == 0)
		snprintf(ret_text, TLS_EXPIRY_LEN, "unknown");
}

// At each handshake. 1, or 0 and it fails.
static int
certificate_set(SSL *ssl, void *arg)
{
	const struct tls *t = arg;
	STACK_OF(X509) *chain = NULL;

	SSL_certs_clear(ssl);
	return SSL_CTX_get0_chain_certs(t->loaded, &chain) == 1 &&
		SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(t->loaded),
			SSL_CTX_get0_privatekey(t->loaded), chain, 1) == 1;
}

void
tls_attach(struct tls *t, struct ssl_ctx_st *ctx)
{
	SSL_CTX_set_cert_cb(ctx, certificate_set, t);
}
