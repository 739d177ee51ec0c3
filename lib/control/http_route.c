/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "control/call.h"
#include "control/http.h"

// Which path and method is served by what. Paths that are not here are files of the panel.

struct route {
	const char *path;
	unsigned int method;
	enum role role;  // what serves it asks for more by itself, where it is a method of the table
	void (*serve)(struct http_request *r);
};

static const struct route routes[] = {
	{"/healthz", HTTP_GET, ROLE_ANYONE, http_healthz},
	{"/metrics", HTTP_GET, ROLE_VIEWER, http_metrics},
	{"/rpc", HTTP_POST, ROLE_ANYONE, http_rpc},
	{"/openrpc.json", HTTP_GET, ROLE_VIEWER, http_openrpc},
	{"/api/v1/results", HTTP_GET, ROLE_ANYONE, http_results_list},
	{"/api/v1/results", HTTP_POST, ROLE_ANYONE, http_results_insert},
	{"/api/v1/results", HTTP_DELETE, ROLE_ANYONE, http_results_clear},
	{"/api/v1/results/latest", HTTP_GET, ROLE_ANYONE, http_results_latest},
	{"/api/v1/series", HTTP_GET, ROLE_ANYONE, http_results_series},
	{"/api/v1/daily", HTTP_GET, ROLE_ANYONE, http_daily_list},
	{"/api/v1/alerts", HTTP_GET, ROLE_ANYONE, http_alerts_list},
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

// HEAD is a GET whose body is not sent.
static unsigned int
method_served(const struct http_request *r)
{
	return r->method == HTTP_HEAD ? HTTP_GET : r->method;
}

static const struct route *
route_find(const struct http_request *r)
{
	for (size_t i = 0; i < ROUTE_COUNT; i++)
		if (routes[i].method == method_served(r) && strcmp(routes[i].path, r->path) == 0)
			return &routes[i];
	return NULL;
}

bool
http_route_takes_body(const struct http_request *r)
{
	return r->method == HTTP_POST && route_find(r) != NULL;
}

static unsigned int
methods_of_path(const char *path)
{
	unsigned int methods = 0;

	for (size_t i = 0; i < ROUTE_COUNT; i++)
		if (strcmp(routes[i].path, path) == 0)
			methods |= routes[i].method;
	return methods;
}

static const char *
allow_text(unsigned int methods)
{
	if (methods == HTTP_POST)
		return "POST";
	if (methods & HTTP_POST)
		return "GET, HEAD, POST, DELETE";
	return "GET, HEAD";
}

void
http_route(struct http_request *r)
{
	const struct route *route = route_find(r);
	unsigned int methods = methods_of_path(r->path);

	if (route != NULL && r->caller.role < route->role) {
		http_reply_error(r, 401, CALL_UNAUTHENTICATED, "",
			"log in first (session.login), or bring a token");
	} else if (route != NULL) {
		route->serve(r);
	} else if (methods != 0 || method_served(r) != HTTP_GET) {
		r->allow = allow_text(methods);
		http_reply_error(r, 405, CALL_INVALID_REQUEST, "method",
			"this method is not served here, see the Allow header");
	} else if (strcmp(r->path, "/ws") == 0) {
		http_reply_error(r, 426, CALL_INVALID_REQUEST, "", "/ws is for websockets only");
	} else if (strncmp(r->path, "/api/", 5) == 0) {
		http_reply_error(r, 404, CALL_NOT_FOUND, "path", "nothing is served at this path");
	} else {
		http_static(r);
	}
}
