/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_out.h"
#include "base/param.h"

enum log_format {
	LOG_TEXT,
	LOG_LOGFMT,
	LOG_JSON,
	LOG_FORMAT_COUNT,
};

static const char *const formats[LOG_FORMAT_COUNT] = {"text", "logfmt", "json"};
// As in LOG_LEVELS.
static const struct {
	const char *name;
	uint32_t level;
} levels[] = {
	{"error", RTE_LOG_ERR}, {"warning", RTE_LOG_WARNING}, {"notice", RTE_LOG_NOTICE},
	{"info", RTE_LOG_INFO}, {"debug", RTE_LOG_DEBUG},
};

#define AREAS_MAX 32

static enum log_format format_used;
static pthread_once_t types_once = PTHREAD_ONCE_INIT;
static int types[AREAS_MAX];  // of rte_log, by the area's index in LOG_AREAS

// Once: registering a type again would put its level back.
static void
types_register(void)
{
	const char *at = LOG_AREAS;

	for (unsigned int i = 0; *at != '\0' && i < AREAS_MAX; i++) {
		int len = (int)strcspn(at, " ");
		char name[48];

		snprintf(name, sizeof(name), "weir.%.*s", len, at);
		types[i] = rte_log_register_type_and_pick_level(name, RTE_LOG_NOTICE);
		at += len;
		at += strspn(at, " ");
	}
}

// The type of an area, negative if it is none.
static int
type_of(const char *area)
{
	int index = param_word_index(LOG_AREAS, area);

	pthread_once(&types_once, types_register);
	return index >= 0 && index < AREAS_MAX ? types[index] : -1;
}

static const char *
level_name(uint32_t level)
{
	for (size_t i = 0; i < RTE_DIM(levels); i++)
		if (level <= levels[i].level)
			return levels[i].name;
	return levels[RTE_DIM(levels) - 1].name;
}

// A line of key and value; a string of JSON is one of logfmt as well.
static void
logfmt_write(int type, uint32_t level, const char *area, const char *at, const char *text)
{
	struct json_out o = {0};

	json_out_str(&o, text);
	if (!o.failed)
		rte_log(level, (uint32_t)type, "at=%s level=%s area=%s msg=%s\n", at,
			level_name(level), area, o.data);
	json_out_free(&o);
}

static void
json_write(int type, uint32_t level, const char *area, const char *at, const char *text)
{
	struct json_out o = {0};

	json_out_open(&o, '{');
	json_out_key_str(&o, "at", at);
	json_out_key_str(&o, "level", level_name(level));
	json_out_key_str(&o, "area", area);
	json_out_key_str(&o, "msg", text);
	json_out_close(&o, '}');
	if (!o.failed)
		rte_log(level, (uint32_t)type, "%s\n", o.data);
	json_out_free(&o);
}

void
log_event(const char *area, uint32_t level, const char *fmt, ...)
{
	int type = type_of(area);
	char text[768], at[CLOCK_RFC3339_LEN];
	va_list ap;

	if (type < 0)
		type = RTE_LOGTYPE_USER1;
	if (!rte_log_can_log((uint32_t)type, level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (format_used == LOG_TEXT) {
		rte_log(level, (uint32_t)type, "weir.%s: %s\n", area, text);
		return;
	}
	clock_rfc3339(clock_wall_us(), at);
	if (format_used == LOG_LOGFMT)
		logfmt_write(type, level, area, at, text);
	else
		json_write(type, level, area, at, text);
}

void
log_format_set(const char *format)
{
	int index = param_word_index(LOG_FORMATS, format);

	if (index >= 0)
		format_used = (enum log_format)index;
}

const char *
log_format_get(void)
{
	return formats[format_used];
}

int
log_level_set(const char *area, const char *level)
{
	int index = param_word_index(LOG_LEVELS, level);
	bool all = strcmp(area, LOG_AREA_ALL) == 0;
	int type = type_of(area);

	if (index < 0 || (!all && type < 0))
		return -EINVAL;
	for (unsigned int i = 0; i < AREAS_MAX; i++)
		if (types[i] > 0 && (all || types[i] == type))
			rte_log_set_level((uint32_t)types[i], levels[index].level);
	return 0;
}

const char *
log_level_get(const char *area)
{
	int type = type_of(area);
	int level = type < 0 ? -1 : rte_log_get_level((uint32_t)type);

	return level < 0 ? NULL : level_name((uint32_t)level);
}

static int
level_read(const char *item, bool apply, struct error *err)
{
	const char *colon = strchr(item, ':');
	const char *level = colon != NULL ? colon + 1 : item;
	char area[32] = LOG_AREA_ALL;

	if (colon != NULL)
		snprintf(area, sizeof(area), "%.*s", (int)(colon - item), item);
	if (strcmp(area, LOG_AREA_ALL) != 0 && param_word_index(LOG_AREAS, area) < 0)
		return error_set(err, -EINVAL, "'%.40s' is no area; all, or one of: " LOG_AREAS, area);
	if (param_word_index(LOG_LEVELS, level) < 0)
		return error_set(err, -EINVAL, "'%.40s' is no level; one of: " LOG_LEVELS, level);
	return apply ? log_level_set(area, level) : 0;
}

int
log_levels_read(const char *text, bool apply, struct error *err)
{
	int rc = 0;

	while (rc == 0 && text != NULL) {
		size_t len = strcspn(text, ",");
		char item[64];

		snprintf(item, sizeof(item), "%.*s", (int)len, text);
		rc = level_read(item, apply, err);
		text = text[len] == ',' ? text + len + 1 : NULL;
	}
	return rc;
}
