/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "config/schema.h"

// Lists of texts, which the command line has separated by commas.

bool
config_texts_fit(const cJSON *v, size_t longest, const char *unwanted)
{
	const cJSON *text;

	cJSON_ArrayForEach(text, v)
		if (text->valuestring[0] == '\0' || strlen(text->valuestring) > longest ||
				strpbrk(text->valuestring, unwanted) != NULL)
			return false;
	return true;
}

cJSON *
config_list_make(const char *texts)
{
	cJSON *list = cJSON_CreateArray();
	char text[512];
	size_t len;

	for (; *texts != '\0'; texts += len + (texts[len] == ',')) {
		len = strcspn(texts, ",");
		snprintf(text, sizeof(text), "%.*s", (int)len, texts);
		cJSON_AddItemToArray(list, cJSON_CreateString(text));
	}
	return list;
}
