/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a configuration. Beyond not crashing and not leaking, these must hold for one that is
 * taken: the document that stands for its options is taken as well and makes the same options, and
 * with passwords hidden it still is a document of the same fields.
 */
#include <stdint.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "config/check.h"
#include "config/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
claim(bool holds)
{
	if (!holds)
		abort();
}

static void
defaults_get(struct options *o)
{
	static char name[] = "weir", demo[] = "--demo";
	char *argv[] = {name, demo, NULL};
	struct error err = {0};

	claim(options_parse(2, argv, o, false, &err) == 0);
}

// The options of a document that has passed its check; false: they do not suit each other.
static bool
options_make(const cJSON *document, struct options *ret)
{
	struct error_list errors = {.count = 0};

	defaults_get(ret);
	config_document_apply(document, ret);
	config_check(ret, &errors);
	return errors.count == 0;
}

static void
hidden_check(cJSON *document)
{
	const struct config_field *f = NULL;
	cJSON *hidden = cJSON_Duplicate(document, true);

	config_document_hide(hidden);
	while ((f = config_field_next(f)) != NULL)
		claim((config_value(document, f) == NULL) == (config_value(hidden, f) == NULL));
	cJSON_Delete(hidden);
}

static void
taken_check(const cJSON *document)
{
	struct error_list errors = {.count = 0};
	struct options o, again;
	cJSON *back, *same;

	if (options_make(document, &o)) {
		back = config_document_make(&o);
		config_document_check(back, false, &errors);
		claim(errors.count == 0);
		claim(options_make(back, &again));
		same = config_document_make(&again);
		claim(cJSON_Compare(back, same, true));
		hidden_check(back);
		cJSON_Delete(same);
		options_free(&again);
		cJSON_Delete(back);
	}
	options_free(&o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error_list errors = {.count = 0};
	cJSON *document = cJSON_ParseWithLength((const char *)data, size);

	if (document == NULL)
		return 0;
	config_document_check(document, false, &errors);
	if (errors.count == 0)
		taken_check(document);
	cJSON_Delete(document);
	return 0;
}
