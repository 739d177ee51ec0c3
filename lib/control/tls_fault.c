/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/tls_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>

#define LOOKED_AT 65536  // bytes of a file, from its beginning
#define PATH_SHOWN 160
#define BEGIN "-----BEGIN "

struct wanted {
	const char *option;
	const char *kind;     // what the first line of it ends with
	const char *allowed;
};

static const struct wanted certificate_wanted = {
	"--tls-cert", "CERTIFICATE-----", "a certificate chain in PEM",
};
static const struct wanted key_wanted = {
	"--tls-key", "PRIVATE KEY-----", "a private key in PEM, without a password",
};

// The first that names a cause: later ones name only the function that has met it.
static const char *
openssl_reason(void)
{
	const char *reason = NULL, *text;
	unsigned long code;

	while ((code = ERR_get_error()) != 0) {
		text = ERR_SYSTEM_ERROR(code) ? NULL : ERR_reason_error_string(code);
		if (reason == NULL && text != NULL && strstr(text, " lib") == NULL)
			reason = text;
	}
	return reason != NULL ? reason : "it is damaged";
}

// Its beginning, as a text without NULs. NULL, or why there is none.
static const char *
file_read(const char *file, char text[LOOKED_AT + 1])
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = NULL;
	struct stat st;
	ssize_t n = 0;

	text[0] = '\0';
	if (fd < 0 || fstat(fd, &st) != 0)
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = "it is a folder";
	else if (S_ISREG(st.st_mode) && (n = pread(fd, text, LOOKED_AT, 0)) < 0)
		why = strerror(errno);
	else if (S_ISREG(st.st_mode) && n == 0)
		why = "it is empty";
	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[n > 0 ? n : 0] = '\0';
	return why;
}

// Does a line begin one of this kind ("-----BEGIN EC PRIVATE KEY-----")?
static bool
has_kind(const char *text, const char *kind)
{
	for (const char *at = text; (at = strstr(at, BEGIN)) != NULL; at++) {
		size_t len = strcspn(at, "\r\n"), kind_len = strlen(kind);

		if (len >= kind_len && strncmp(at + len - kind_len, kind, kind_len) == 0)
			return true;
	}
	return false;
}

static int
file_fault(const struct wanted *w, const char *file, struct error *err)
{
	const char *reason = openssl_reason(), *at;
	char text[LOOKED_AT + 1], other[96];
	const char *why = file_read(file, text);

	if (why == NULL && has_kind(text, w->kind)) {
		why = strstr(text, "ENCRYPTED") != NULL && w == &key_wanted ?
			"it is protected by a password" : reason;
	} else if (why == NULL && (at = strstr(text, BEGIN)) != NULL) {
		at += strlen(BEGIN);
		snprintf(other, sizeof(other), "it holds a %.*s", (int)strcspn(at, "-\r\n"), at);
		why = other;
	} else if (why == NULL) {
		why = text[0] == '\x30' && text[1] == '\x82' ? "it is no PEM (DER?)" : "it is no PEM";
	}
	return error_field(err, -EINVAL, w->option, "%s: %.*s: %s; allowed: %s", w->option, PATH_SHOWN,
		file, why, w->allowed);
}

int
tls_certificate_fault(const char *file, struct error *err)
{
	return file_fault(&certificate_wanted, file, err);
}

int
tls_key_fault(const char *file, const char *certificate, struct error *err)
{
	// With a certificate loaded, OpenSSL compares at once.
	if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509)
		return tls_pair_fault(file, certificate, err);
	return file_fault(&key_wanted, file, err);
}

int
tls_pair_fault(const char *key, const char *certificate, struct error *err)
{
	ERR_clear_error();
	return error_field(err, -EINVAL, "--tls-key", "--tls-key: %.*s: it is not the key of the "
		"certificate in %.*s (--tls-cert)", PATH_SHOWN, key, PATH_SHOWN, certificate);
}
