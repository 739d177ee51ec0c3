/* SPDX-License-Identifier: BSD-3-Clause */
// Levels of areas and formats of lines, as they come out of rte_log.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/log.h"

static char *text;

// What one event writes; valid until the next one.
static const char *
written(const char *area, uint32_t level, const char *msg)
{
	size_t size;
	FILE *f;

	free(text);
	f = open_memstream(&text, &size);
	rte_openlog_stream(f);
	log_event(area, level, "%s", msg);
	rte_openlog_stream(NULL);
	fclose(f);
	return text;
}

static void
levels_of_areas(void **state)
{
	(void)state;
	assert_string_equal(log_level_get("store"), "notice");
	assert_string_equal(written("store", RTE_LOG_INFO, "a"), "");
	assert_string_equal(written("store", RTE_LOG_ERR, "a"), "weir.store: a\n");
	assert_int_equal(log_level_set("store", "info"), 0);
	assert_string_equal(written("store", RTE_LOG_INFO, "a"), "weir.store: a\n");
	// It stays so: an area is registered once.
	assert_string_equal(written("store", RTE_LOG_INFO, "a"), "weir.store: a\n");
	assert_string_equal(log_level_get("store"), "info");
	assert_string_equal(log_level_get("port"), "notice");
	assert_string_equal(written("port", RTE_LOG_INFO, "a"), "");
	assert_int_equal(log_level_set(LOG_AREA_ALL, "error"), 0);
	assert_string_equal(written("store", RTE_LOG_WARNING, "a"), "");
	assert_string_equal(written("control.lws", RTE_LOG_WARNING, "a"), "");
	assert_int_equal(log_level_set("stores", "error"), -EINVAL);
	assert_int_equal(log_level_set("store", "loud"), -EINVAL);
	assert_null(log_level_get("all"));
}

static void
levels_of_the_option(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(log_levels_read("debug,port:error,control.lws:info", true, &err), 0);
	assert_string_equal(log_level_get("store"), "debug");
	assert_string_equal(log_level_get("port"), "error");
	assert_string_equal(log_level_get("control.lws"), "info");
	assert_int_equal(log_levels_read("port:debug", false, &err), 0);
	assert_string_equal(log_level_get("port"), "error");
	assert_int_equal(log_levels_read("port:loud", true, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'loud' is no level"));
	assert_int_equal(log_levels_read("ports:debug", true, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'ports' is no area"));
	assert_int_equal(log_levels_read("", true, &err), -EINVAL);
	assert_int_equal(log_levels_read("info,", true, &err), -EINVAL);
	assert_int_equal(log_levels_read(NULL, true, &err), 0);
}

static void
formats(void **state)
{
	const char *evil = "a \"b\"\n{\xff";
	cJSON *line;

	(void)state;
	log_level_set(LOG_AREA_ALL, "notice");
	log_format_set("json");
	line = cJSON_Parse(written("push", RTE_LOG_WARNING, evil));
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "level")), "warning");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "area")), "push");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(line, "msg")), "a \"b\"\n{\xef\xbf\xbd");
	assert_int_equal(strlen(cJSON_GetStringValue(cJSON_GetObjectItem(line, "at"))), 24);
	assert_int_equal(strchr(text, '\n') - text + 1, strlen(text));
	cJSON_Delete(line);
	log_format_set("logfmt");
	assert_memory_equal(written("push", RTE_LOG_ERR, evil), "at=20", 5);
	assert_non_null(strstr(text, "Z level=error area=push msg=\"a \\\"b\\\"\\u000a{"));
	assert_int_equal(strchr(text, '\n') - text + 1, strlen(text));
	log_format_set("text");
	assert_string_equal(log_format_get(), "text");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_of_areas),
		cmocka_unit_test(levels_of_the_option),
		cmocka_unit_test(formats),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return rc;
}
