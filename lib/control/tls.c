/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tls.h"

#include <errno.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

// libwebsockets says only that it could not start; so the files are tried first.

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

static int
fault(struct error *err, const char *option, const char *file)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	error_field(err, -EINVAL, option, "%s: %s: %s", option, file,
		why != NULL ? why : "cannot be read");
	ERR_clear_error();
	return -EINVAL;
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

int
tls_files_check(const char *certificate, const char *key, struct error *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int rc = 0;

	if (ctx == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	ERR_clear_error();
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		rc = fault(err, "--tls-cert", certificate);
	else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		rc = fault(err, "--tls-key", key);
	else if (SSL_CTX_check_private_key(ctx) != 1)
		rc = fault(err, "--tls-key", key);
	else
		rc = key_is_open(key, err);
	SSL_CTX_free(ctx);
	return rc;
}
