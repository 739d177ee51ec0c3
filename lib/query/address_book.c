/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/address_book.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "query/address_book_key.h"

#define NO_PARENT UINT32_MAX

struct entry {
	struct book_key key;
	uint32_t parent;             // the smallest range around this one, NO_PARENT
	bool fresh;                  // while a book is made: not of the book before
	char label[BOOK_LABEL_LEN];  // "": while a book is made, the key is to have none
};

struct address_book {
	uint32_t references;
	uint32_t first[BOOK_KINDS + 1];  // entries of kind k are [first[k], first[k + 1])
	uint32_t count;
	struct entry entry[];
};

static struct address_book *
book_alloc(size_t entries, struct error_list *errors)
{
	struct address_book *b = calloc(1, sizeof(*b) + entries * sizeof(b->entry[0]));

	if (b == NULL)
		error_list_add(errors, "", "out of memory");
	else
		b->references = 1;
	return b;
}

static bool
label_fits(const char *label)
{
	if (label == NULL || label[0] == '\0' || strlen(label) >= BOOK_LABEL_LEN)
		return false;
	for (const char *c = label; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

static void
field_name(const char *path, const char *key, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%.60s", path, path[0] != '\0' ? "." : "", key);
}

// One entry more, if its key is one.
static bool
entry_add(struct address_book *b, const char *key, const char *field, struct error_list *errors)
{
	struct entry *e = &b->entry[b->count];
	const char *fault = book_key_parse(key, &e->key);

	if (fault != NULL) {
		error_list_add(errors, field, "%s: found '%.60s' (%s); allowed are addresses, "
			"prefixes, MACs like 02:00:00:00:00:0a, vlan/0 to vlan/4095, port/0 to "
			"port/65535 and proto/0 to proto/255", field, key, fault);
		return false;
	}
	e->fresh = true;
	b->count++;
	return true;
}

static void
names_add(struct address_book *b, const cJSON *names, const char *path, struct error_list *errors)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, names) {
		const char *label = cJSON_GetStringValue(item);
		char field[96];

		field_name(path, item->string, field, sizeof(field));
		if (!entry_add(b, item->string, field, errors))
			continue;
		if (label_fits(label))
			snprintf(b->entry[b->count - 1].label, BOOK_LABEL_LEN, "%s", label);
		else
			error_list_add(errors, field, "%s: found %.60s; allowed is a name of 1 to "
				"%d bytes without control characters", field,
				label != NULL ? label : "no text", BOOK_LABEL_LEN - 1);
	}
}

static void
removals_add(struct address_book *b, const cJSON *keys, struct error_list *errors)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, keys)
		entry_add(b, cJSON_GetStringValue(item), "keys", errors);
}

// By kind, beginning, and size, larger first; of the same key what is fresh comes first.
static int
entry_compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int order = book_key_compare(&a->key, &b->key);

	return order != 0 ? order : (int)b->fresh - (int)a->fresh;
}

static void
twice_add(const char *path, const struct book_key *key, struct error_list *errors)
{
	char text[BOOK_KEY_TEXT_LEN];

	error_list_add(errors, path, "%s: '%s' is there twice; allowed is each key once", path,
		book_key_text(key, text));
}

static void
missing_add(const struct book_key *key, struct error_list *errors)
{
	char text[BOOK_KEY_TEXT_LEN];

	error_list_add(errors, "keys", "keys: '%s' has no name; names.list lists those that have",
		book_key_text(key, text));
}

// Of entries with the same key the first one stays, unless it has no label.
static void
entries_settle(struct address_book *b, const char *path, struct error_list *errors)
{
	uint32_t kept = 0, next;

	qsort(b->entry, b->count, sizeof(b->entry[0]), entry_compare);
	for (uint32_t i = 0; i < b->count; i = next) {
		const struct entry *e = &b->entry[i];

		next = i + 1;
		while (next < b->count && book_key_compare(&e->key, &b->entry[next].key) == 0) {
			if (b->entry[next].fresh)
				twice_add(path, &e->key, errors);
			next++;
		}
		if (e->label[0] != '\0')
			b->entry[kept++] = *e;
		else if (next == i + 1)
			missing_add(&e->key, errors);
	}
	b->count = kept;
}

static void
parents_find(struct address_book *b)
{
	for (uint32_t i = 0, kind = 0; kind < BOOK_KINDS; kind++) {
		b->first[kind] = i;
		for (; i < b->count && b->entry[i].key.kind == kind; i++) {
			uint32_t p = i > b->first[kind] ? i - 1 : NO_PARENT;

			while (p != NO_PARENT && b->entry[p].key.range.last <
					b->entry[i].key.range.first)
				p = b->entry[p].parent;
			b->entry[i].parent = p;
			b->entry[i].fresh = false;
		}
	}
	b->first[BOOK_KINDS] = b->count;
}

// The book that was made, or NULL if something is wrong: there are more faults than before.
static struct address_book *
book_finish(struct address_book *b, const char *path, unsigned int before,
	struct error_list *errors)
{
	if (errors->count == before)
		entries_settle(b, path, errors);
	if (errors->count == before && b->count > BOOK_ENTRIES_MAX)
		error_list_add(errors, path, "%s: %u names; allowed are %d", path, b->count,
			BOOK_ENTRIES_MAX);
	if (errors->count > before) {
		free(b);
		return NULL;
	}
	parents_find(b);
	return b;
}

struct address_book *
address_book_create(const cJSON *names, const char *path, struct error_list *errors)
{
	struct address_book *b = book_alloc((size_t)cJSON_GetArraySize(names), errors);
	unsigned int before = errors->count;

	if (b == NULL)
		return NULL;
	names_add(b, names, path, errors);
	return book_finish(b, path, before, errors);
}

struct address_book *
address_book_change(const struct address_book *b, const cJSON *names, const cJSON *keys,
	struct error_list *errors)
{
	struct address_book *next = book_alloc(b->count + (size_t)cJSON_GetArraySize(names) +
		(size_t)cJSON_GetArraySize(keys), errors);
	unsigned int before = errors->count;

	if (next == NULL)
		return NULL;
	memcpy(next->entry, b->entry, b->count * sizeof(b->entry[0]));
	next->count = b->count;
	names_add(next, names, "names", errors);
	removals_add(next, keys, errors);
	return book_finish(next, names != NULL ? "names" : "keys", before, errors);
}

struct address_book *
address_book_get(struct address_book *b)
{
	if (b != NULL)
		b->references++;
	return b;
}

void
address_book_put(struct address_book *b)
{
	if (b != NULL && --b->references == 0)
		free(b);
}

const char *
address_book_find(const struct address_book *b, enum book_kind kind, const struct range *r)
{
	uint32_t low, high, first, at;

	if (b == NULL)
		return NULL;
	first = low = b->first[kind];
	high = b->first[kind + 1];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (b->entry[middle].key.range.first <= r->first)
			low = middle + 1;
		else
			high = middle;
	}
	at = low > first ? low - 1 : NO_PARENT;
	while (at != NO_PARENT && b->entry[at].key.range.last < r->last)
		at = b->entry[at].parent;
	return at != NO_PARENT ? b->entry[at].label : NULL;
}

cJSON *
address_book_json(const struct address_book *b)
{
	cJSON *o = cJSON_CreateObject();

	for (uint32_t i = 0; o != NULL && i < b->count; i++) {
		char text[BOOK_KEY_TEXT_LEN];

		if (cJSON_AddStringToObject(o, book_key_text(&b->entry[i].key, text),
				b->entry[i].label) != NULL)
			continue;
		cJSON_Delete(o);
		return NULL;
	}
	return o;
}
