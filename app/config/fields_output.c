/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "alert_command.h"
#include "base/secret.h"
#include "export/ipfix_target.h"

// Where answers go: listen, ipfix, store, push.

static bool
collectors_fit(const cJSON *v)
{
	return config_texts_fit(v, IPFIX_HOST_MAX + 16, ",");
}

// As on the command line; ipfix_targets_parse() judges them.
static void
collectors_apply(struct options *o, const cJSON *v)
{
	size_t len = 0;
	const cJSON *c;

	cJSON_ArrayForEach(c, v)
		len += (size_t)snprintf(o->ipfix_list + len, sizeof(o->ipfix_list) - len, "%s%s",
			len > 0 ? "," : "", c->valuestring);
	o->ipfix = o->ipfix_list;
}

static cJSON *
collectors_get(const struct options *o)
{
	return o->ipfix != NULL ? config_list_make(o->ipfix) : NULL;
}

static bool
names_fit(const cJSON *v)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, v)
		if (name->valuestring[strspn(name->valuestring, "abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:")] != '\0')
			return false;
	return config_texts_fit(v, 253, " ");
}

static void
uri_hide(cJSON *v)
{
	char *hidden = secret_hide_uri(v->valuestring);

	cJSON_SetValuestring(v, hidden != NULL ? hidden : "***");
	free(hidden);
}

const struct config_field config_fields_output[] = {
	{{"listen.address", PARAM_STRING, .min = 1, .max = 63, .def = "\"127.0.0.1\"",
		.allowed = "an IPv4 or IPv6 address",
		.help = "where panel, HTTP and websocket listen"},
		.restart = true, .option = "--listen", .as = CONFIG_CHARS,
		.at = offsetof(struct options, listen_address)},
	{{"listen.port", PARAM_INTEGER, .min = 1, .max = 65535, .def = "8080",
		.help = "the port there"},
		.restart = true, .option = "--listen", .as = CONFIG_U16,
		.at = offsetof(struct options, listen_port)},
	{{"listen.users", PARAM_STRING, .min = 1, .max = 1024, .allowed = "a path",
		.help = "users and tokens, made by weir passwd; without it, whoever reaches the address "
		"may do all"},
		.restart = true, .file_only = true, .option = "--users", .as = CONFIG_TEXT,
		.at = offsetof(struct options, users)},
	{{"listen.tls_cert", PARAM_STRING, .min = 1, .max = 1024, .allowed = "a path",
		.help = "certificate chain, PEM: HTTPS in the place of HTTP"},
		.restart = true, .file_only = true, .option = "--tls-cert", .as = CONFIG_TEXT,
		.at = offsetof(struct options, tls_certificate)},
	{{"listen.tls_key", PARAM_STRING, .min = 1, .max = 1024, .allowed = "a path",
		.help = "the certificate's private key, PEM, without a password"},
		.restart = true, .file_only = true, .option = "--tls-key", .as = CONFIG_TEXT,
		.at = offsetof(struct options, tls_key)},
	{{"listen.names", PARAM_STRINGS, .max = 32,
		.allowed = "an array of at most 32 host names or addresses, without ports",
		.help = "names of this server that Host may say, besides localhost, the address and, not "
		"on loopback, the host's name"},
		.restart = true, .file_only = true, .as = CONFIG_JSON, .fits = names_fit,
		.at = offsetof(struct options, listen_names)},
	{{"listen.trusted_proxies", PARAM_STRINGS, .max = 32,
		.help = "prefixes of the reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are "
		"believed"},
		.restart = true, .file_only = true, .as = CONFIG_JSON,
		.at = offsetof(struct options, trusted_proxies)},
	{{"listen.insecure", PARAM_BOOL, .def = "false",
		.help = "other addresses than loopback without TLS and users"},
		.restart = true, .file_only = true, .option = "--insecure-listen", .as = CONFIG_BOOL,
		.at = offsetof(struct options, insecure_listen)},
	{{"user", PARAM_STRING, .min = 1, .max = 32, .allowed = "a user of this machine",
		.help = "what this process becomes when ports and sockets are open"},
		.restart = true, .file_only = true, .option = "--user", .as = CONFIG_TEXT,
		.at = offsetof(struct options, user)},
	{{"on_alert.command", PARAM_STRINGS, .min = 1, .max = ALERT_COMMAND_WORDS_MAX,
		.help = "program, by its absolute path, and arguments; gets each alert as JSON on its "
		"standard input"},
		.file_only = true, .as = CONFIG_JSON,
		.at = offsetof(struct options, alert_command)},
	{{"on_alert.per_minute", PARAM_INTEGER, .min = 1, .max = 6000, .def = "60",
		.help = "commands that may begin within a minute; alerts on top are counted only"},
		.as = CONFIG_U32, .at = offsetof(struct options, alert_per_minute)},
	{{"on_alert.at_once", PARAM_INTEGER, .min = 1, .max = ALERT_COMMANDS_MAX, .def = "4",
		.help = "commands that may run at the same time"},
		.as = CONFIG_U32, .at = offsetof(struct options, alert_at_once)},
	{{"on_alert.timeout_s", PARAM_NUMBER, .min = 0.1, .max = 3600, .unit = "s", .def = "10",
		.help = "a command that runs longer is killed"},
		.as = CONFIG_SECONDS,
		.at = offsetof(struct options, alert_timeout_us)},
	{{"syslog.facility", PARAM_STRING, .choices = "off daemon user local0 local1 local2 local3 "
		"local4 local5 local6 local7", .def = "\"off\"",
		.help = "alerts to syslog(3): raised as warning, cleared as notice"},
		.as = CONFIG_ENUM, .at = offsetof(struct options, syslog_facility)},
	{{"ipfix.collectors", PARAM_STRINGS, .min = 1, .max = IPFIX_TARGETS_MAX,
		.allowed = "an array of 1 to 4 texts [udp:|tcp:]HOST:PORT",
		.help = "IPFIX collectors that ended flows go to; not used with --pcap"},
		.restart = true, .option = "--ipfix", .apply = collectors_apply,
		.get = collectors_get, .fits = collectors_fit},
	{{"ipfix.observation_domain", PARAM_INTEGER, .max = UINT32_MAX, .def = "1",
		.help = "tells several Weirs apart at one collector"},
		.restart = true, .as = CONFIG_U32,
		.at = offsetof(struct options, ipfix_params.domain)},
	{{"ipfix.template_interval_s", PARAM_NUMBER, .min = 1, .max = 86400, .unit = "s",
		.def = "60", .help = "UDP: templates again after so long; statistics as often, over TCP too"},
		.restart = true, .as = CONFIG_SECONDS,
		.at = offsetof(struct options, ipfix_params.template_us)},
	{{"ipfix.template_interval_messages", PARAM_INTEGER, .min = 1, .max = 1000000000,
		.unit = "messages", .def = "1000", .help = "UDP: templates again after so many messages"},
		.restart = true, .as = CONFIG_U32,
		.at = offsetof(struct options, ipfix_params.template_messages)},
	{{"ipfix.message_bytes", PARAM_INTEGER, .min = IPFIX_MESSAGE_MIN, .max = IPFIX_MESSAGE_MAX,
		.unit = "bytes", .def = "1400",
		.help = "largest message; less where the kernel knows of a smaller path MTU"},
		.restart = true, .as = CONFIG_U32,
		.at = offsetof(struct options, ipfix_params.message_bytes)},
	{{"store", PARAM_STRING, .min = 1, .max = 1024, .def = "\"sqlite:weir.db\"",
		.allowed = "\"sqlite:PATH\" or \"none\"", .help = "local store"},
		.restart = true, .file_only = true, .option = "--store", .as = CONFIG_TEXT,
		.at = offsetof(struct options, store)},
	{{"push", PARAM_STRING, .min = 1, .max = 1024, .allowed = "\"mongodb://...\"",
		.help = "also deliver there"},
		.restart = true, .option = "--push", .as = CONFIG_TEXT,
		.at = offsetof(struct options, push), .hide = uri_hide},
	{{0}},
};
