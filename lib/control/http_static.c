/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/call.h"
#include "control/http.h"

// The panel's files; a FILE.gz beside one goes out in its place to who takes gzip. A path is walked component by component from the panel's folder, each opened
// without following links, and only plain names are walked: there is no way out of the folder.

#define FILE_BYTES_MAX (32 << 20)

static const char not_built[] =
	"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Weir</title>"
	"<h1>Weir is running</h1><p>The panel is not built, so there is nothing to show here. "
	"Build it with <code>npm ci &amp;&amp; npm run build</code> in <code>app/panel</code>, or "
	"run <code>./demo.sh</code>, which does.</p><p>What works without it: "
	"<a href=\"/healthz\">/healthz</a>, <a href=\"/metrics\">/metrics</a>, "
	"<code>POST /rpc</code>, <code>/ws</code>, <code>/api/v1/results</code>.</p></html>";

static const struct {
	const char *suffix;
	const char *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".mjs", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".json", HTTP_JSON},
	{".map", HTTP_JSON},
	{".webmanifest", "application/manifest+json"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".webp", "image/webp"},
	{".woff2", "font/woff2"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *
type_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].suffix, dot) == 0)
			return types[i].type;
	return "application/octet-stream";
}

// Built assets carry a hash of their content in the name, "assets/index-B4kq_x9Z.js": such a file
// never changes. Everything else is asked for again each time.
static const char *
cache_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	const char *dash = strrchr(path, '-');

	if (strncmp(path, "/assets/", 8) != 0 || dot == NULL)
		return "no-cache";
	while (dash != NULL && dot - dash < 9 && dash > path) {  // the hash may hold a dash itself
		do
			dash--;
		while (dash > path && *dash != '-');
	}
	if (dash == NULL || *dash != '-' || dot - dash != 9)
		return "no-cache";
	return "public, max-age=31536000, immutable";
}

bool
http_static_component_ok(const char *name, size_t len)
{
	if (len == 0 || len > 128 || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && strchr("._-+@", name[i]) == NULL)
			return false;
	return true;
}

// An open regular file, or -errno.
static int
path_open(const char *dir, const char *path)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[129];
	int next;

	while (fd >= 0 && *path != '\0') {
		size_t len = strcspn(++path, "/");
		int flags = path[len] == '/' ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK;

		next = -1;
		errno = ENOENT;
		if (http_static_component_ok(path, len)) {
			memcpy(name, path, len);
			name[len] = '\0';
			next = openat(fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
		}
		close(fd);
		fd = next;
		path += len;
	}
	return fd < 0 ? -errno : fd;
}

static char *
file_read(int fd, size_t *ret_len)
{
	struct stat st;
	char *data;
	ssize_t n;
	size_t len = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX)
		return NULL;
	data = malloc((size_t)st.st_size + 1);
	if (data == NULL)
		return NULL;
	while (len < (size_t)st.st_size) {
		n = read(fd, data + len, (size_t)st.st_size - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return data;
}

// Is gzip among the codings of an Accept-Encoding header (RFC 9110 section 12.5.3), not with the
// weight 0?
bool
http_static_takes_gzip(const char *accept)
{
	for (; *accept != '\0'; accept += strcspn(accept, ","), accept += *accept == ',') {
		const char *at = accept + strspn(accept, " \t");
		size_t len = strcspn(at, ",; \t"), rest = strcspn(at, ",");
		const char *q = strstr(at, "q=");

		if (len != 4 || strncasecmp(at, "gzip", 4) != 0)
			continue;
		return q == NULL || q >= at + rest || strtod(q + 2, NULL) > 0;
	}
	return false;
}

static bool
gzip_accepted(const struct http_request *r)
{
	char accept[256];

	return lws_hdr_copy(r->wsi, accept, sizeof(accept), WSI_TOKEN_HTTP_ACCEPT_ENCODING) > 0 &&
		http_static_takes_gzip(accept);
}

// The file, or its compressed form where there is one and the client takes it. -errno if neither.
static int
file_open(struct http_request *r, const char *path)
{
	char packed[sizeof(r->path) + sizeof(".gz")];
	int fd;

	if (r->c->panel_dir == NULL)
		return -ENOENT;
	snprintf(packed, sizeof(packed), "%s.gz", path);
	fd = path_open(r->c->panel_dir, packed);
	r->by_encoding = fd >= 0;
	if (fd >= 0 && gzip_accepted(r)) {
		r->encoding = "gzip";
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return path_open(r->c->panel_dir, path);
}

void
http_static(struct http_request *r)
{
	bool root = strcmp(r->path, "/") == 0;
	const char *path = root ? "/index.html" : r->path;
	int fd = file_open(r, path);
	char *data = NULL;
	size_t len = 0;

	if (fd >= 0) {
		data = file_read(fd, &len);
		close(fd);
	}
	if (data != NULL) {
		r->cache = cache_of(path);
		http_reply(r, 200, type_of(path), data, len);
	} else if (root) {
		r->encoding = NULL;
		r->cache = "no-cache";
		data = strdup(not_built);
		http_reply(r, 200, types[0].type, data, sizeof(not_built) - 1);
	} else {
		r->encoding = NULL;
		http_reply_error(r, 404, CALL_NOT_FOUND, "path", "nothing is served at this path");
	}
}
