/* SPDX-License-Identifier: BSD-3-Clause */
// From "a.pcap,folder" to the paths to read. A folder gives its files in the order of their names
// as bytes, so that the same folder is read in the same order under every locale.

#include "port/capture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "port/capture_input.h"

struct paths {
	char **items;  // always NULL terminated once there is one
	size_t n;
	size_t cap;
};

// Takes over path; false (and freed) without memory.
static bool
paths_add(struct paths *p, char *path)
{
	if (path != NULL && p->n + 1 >= p->cap) {
		size_t cap = p->cap > 0 ? p->cap * 2 : 16;
		char **grown = reallocarray(p->items, cap, sizeof(*grown));

		if (grown == NULL) {
			free(path);
			return false;
		}
		p->items = grown;
		p->cap = cap;
	}
	if (path == NULL)
		return false;
	p->items[p->n++] = path;
	p->items[p->n] = NULL;
	return true;
}

static char *
path_join(const char *folder, const char *name)
{
	size_t n = strlen(folder);
	char *path;

	if (asprintf(&path, "%s%s%s", folder, n > 0 && folder[n - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return path;
}

static int
path_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// Add one name of a folder if it is a regular file, or a link to one.
static int
entry_add(struct paths *p, const char *folder, const char *name)
{
	struct stat st;
	char *path;

	if (name[0] == '.')
		return 0;
	path = path_join(folder, name);
	if (path != NULL && (stat(path, &st) < 0 || !S_ISREG(st.st_mode))) {
		free(path);
		return 0;
	}
	return paths_add(p, path) ? 0 : -ENOMEM;
}

static int
folder_add(struct paths *p, const char *folder, struct error *err)
{
	size_t first = p->n;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		rc = -errno;
		return error_set(err, rc, "%s: folder cannot be read: %s",
			capture_name_of(folder).text, strerror(-rc));
	}
	errno = 0;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		rc = entry_add(p, folder, entry->d_name);
		errno = 0;
	}
	if (rc == 0)
		rc = -errno;
	closedir(dir);
	if (rc < 0)
		return error_set(err, rc, "%s: listing the folder: %s",
			capture_name_of(folder).text, strerror(-rc));
	if (p->n == first)
		return error_set(err, -ENOENT, "%s: folder without files, at least one capture is "
			"needed (hidden files and folders in it do not count)",
			capture_name_of(folder).text);
	qsort(p->items + first, p->n - first, sizeof(*p->items), path_compare);
	return 0;
}

static int
item_add(struct paths *p, const char *item, struct error *err)
{
	struct stat st;
	int rc;

	if (item[0] == '\0')
		return error_field(err, -EINVAL, "--pcap", "--pcap: an empty name in the list of captures; allowed are "
			"files and folders with commas between them");
	if (stat(item, &st) < 0) {
		rc = -errno;
		return error_set(err, rc, "%s: %s; allowed are capture files and folders of them",
			capture_name_of(item).text, strerror(-rc));
	}
	if (S_ISDIR(st.st_mode))
		return folder_add(p, item, err);
	if (!paths_add(p, strdup(item)))
		return error_set(err, -ENOMEM, "%s: no memory", capture_name_of(item).text);
	return 0;
}

char **
capture_list_expand(const char *list, struct error *err)
{
	struct paths p = {0};
	char *copy = strdup(list);
	char *rest = copy;
	char *item;
	int rc = 0;

	if (copy == NULL) {
		error_set(err, -ENOMEM, "no memory for the list of captures");
		return NULL;
	}
	while (rc == 0 && (item = strsep(&rest, ",")) != NULL)
		rc = item_add(&p, item, err);
	free(copy);
	if (rc == 0)
		return p.items;
	capture_list_free(p.items);
	return NULL;
}

void
capture_list_free(char **paths)
{
	if (paths == NULL)
		return;
	for (char **p = paths; *p != NULL; p++)
		free(*p);
	free(paths);
}
