/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONFIG_SCHEMA_H
#define WEIR_APP_CONFIG_SCHEMA_H

#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "base/param.h"
#include "options.h"

/*
 * The fields of the configuration (interfaces.md section 6), one row each. Reading a file,
 * config.get, config.set and the reference page docs/configuration.md come from the rows.
 *
 * To add a field: a row in the fields_*.c of its section. `param` says everything that can be said
 * about the value alone; its name is the path, with at most one dot. If the value is a plain member
 * of struct options, `as` and `at` say which one and that is all; else (CONFIG_OWN) write `apply`,
 * which brings a checked value into the options, and `get`, which gives it back (NULL: not set).
 * What a value has to do with others is checked in check.c. A field is taken over while Weir runs only
 * if app/reconfigure.c does so; all others have `restart`. Then run tests/update_reference.sh.
 */

// How a value lies in struct options.
enum config_as {
	CONFIG_OWN,      // apply() and get() know
	CONFIG_U16,
	CONFIG_U32,
	CONFIG_DOUBLE,
	CONFIG_BOOL,     // with choices: the second word is true
	CONFIG_SECONDS,  // uint64_t, microseconds
	CONFIG_MS,       // uint64_t, microseconds
	CONFIG_DAYS,     // uint64_t, microseconds
	CONFIG_MIB,      // uint64_t, bytes
	CONFIG_U64,
	CONFIG_TEXT,     // const char *, which stays the document's
	CONFIG_CHARS,    // char[], longer than param.max
	CONFIG_ENUM,     // an enum, numbered like param.choices
	CONFIG_JSON,     // const cJSON *, which stays the document's
};

struct config_field {
	struct param param;
	bool restart;        // takes effect with the next start
	bool file_only;      // names what is opened or run: config.set does not change it
	const char *option;  // of the command line, which says the same; NULL none
	enum config_as as;
	size_t at;           // offset in struct options
	void (*apply)(struct options *o, const cJSON *v);
	cJSON *(*get)(const struct options *o);
	bool (*fits)(const cJSON *v);  // more than param can say; NULL nothing
	void (*hide)(cJSON *v);        // replace passwords; NULL: there are none in it
};

// Tables of the sections, each ended by a row without a name.
extern const struct config_field config_fields_input[], config_fields_flow[];
extern const struct config_field config_fields_query[], config_fields_output[];
extern const struct config_field config_fields_store[];

// All rows in the order of the document, for loops: first NULL, at the end NULL again.
const struct config_field *config_field_next(const struct config_field *f);

// The field that a path belongs to ("queries[2].op.k", "flow.capacity"), or that a command line
// option says the same as; NULL if there is none.
const struct config_field *config_field_of(const char *path);
const struct config_field *config_field_of_option(const char *option);

// The value at the field's path in a document; NULL: it is not there.
cJSON *config_value(const cJSON *document, const struct config_field *f);
// Put value (taken over; NULL takes the field away) at the field's path. False: memory ran out.
bool config_value_set(cJSON *document, const struct config_field *f, cJSON *value);

// Equal, or both absent (NULL).
bool config_value_same(const cJSON *a, const cJSON *b);

/*
 * Check a document against the rows: fields that there are, each once, each with a value that fits.
 * Everything that is wrong is added to errors, with its path. `nulls`: null stands for the default.
 */
void config_document_check(const cJSON *document, bool nulls, struct error_list *errors);

// Bring the values of a checked document into o. Texts and parts stay the document's.
void config_document_apply(const cJSON *document, struct options *o);

// The document that o stands for; NULL: memory ran out. The caller frees.
cJSON *config_document_make(const struct options *o);

// Replace passwords by ***.
void config_document_hide(cJSON *document);

// Of lists of texts: each has 1 to `longest` bytes and none of the unwanted ones; the list of texts
// that are separated by commas.
bool config_texts_fit(const cJSON *v, size_t longest, const char *unwanted);
cJSON *config_list_make(const char *texts);

// The rows as Markdown table, for docs/configuration.md.
void config_reference_print(FILE *out);

#endif
