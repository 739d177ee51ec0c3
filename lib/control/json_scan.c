/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/json_scan.h"

#include <errno.h>
#include <string.h>

// Where the scan stands. Functions move `at` behind what they accept and give false where the
// text is wrong; `at` then names the place.
struct scan {
	const char *at;
	const char *end;
	unsigned int depth;  // levels that may still be opened
	bool too_deep;
};

static bool value_scan(struct scan *s);

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
space_skip(struct scan *s)
{
	while (s->at < s->end && is_space(*s->at))
		s->at++;
}

static bool
char_take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool
word_take(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		return false;
	s->at += n;
	return true;
}

static bool
digits_take(struct scan *s)
{
	const char *first = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > first;
}

static bool
number_scan(struct scan *s)
{
	char_take(s, '-');
	if (!char_take(s, '0') && !digits_take(s))
		return false;
	if (char_take(s, '.') && !digits_take(s))
		return false;
	if (char_take(s, 'e') || char_take(s, 'E')) {
		if (!char_take(s, '+'))
			char_take(s, '-');
		return digits_take(s);
	}
	return true;
}

static int
hex4(const struct scan *s)
{
	int v = 0;

	if (s->end - s->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s->at[i];

		v <<= 4;
		if (c >= '0' && c <= '9')
			v += c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v += (c | 32) - 'a' + 10;
		else
			return -1;
	}
	return v;
}

// Behind "\u": surrogates come in pairs, and \u0000 is refused because C strings end there.
static bool
unicode_escape_scan(struct scan *s)
{
	int v = hex4(s);

	if (v <= 0 || (v >= 0xdc00 && v <= 0xdfff))
		return false;
	s->at += 4;
	if (v < 0xd800 || v > 0xdbff)
		return true;
	if (!word_take(s, "\\u"))
		return false;
	v = hex4(s);
	if (v < 0xdc00 || v > 0xdfff)
		return false;
	s->at += 4;
	return true;
}

static bool
escape_scan(struct scan *s)
{
	if (char_take(s, 'u'))
		return unicode_escape_scan(s);
	if (s->at == s->end || *s->at == '\0' || strchr("\"\\/bfnrt", *s->at) == NULL)
		return false;
	s->at++;
	return true;
}

// One character of two to four bytes: shortest form only, no surrogates, at most U+10FFFF.
static bool
utf8_scan(struct scan *s)
{
	unsigned char lead = (unsigned char)*s->at;
	unsigned int n = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	unsigned int code = lead & (0x3f >> n);
	static const unsigned int least[] = {0, 0x80, 0x800, 0x10000};

	if (lead < 0xc2 || lead > 0xf4 || (size_t)(s->end - s->at) <= n)
		return false;
	for (unsigned int i = 1; i <= n; i++) {
		unsigned char c = (unsigned char)s->at[i];

		if ((c & 0xc0) != 0x80)
			return false;
		code = code << 6 | (c & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return false;
	s->at += n + 1;
	return true;
}

static bool
string_scan(struct scan *s)
{
	if (!char_take(s, '"'))
		return false;
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at;

		if (c == '"') {
			s->at++;
			return true;
		}
		if (c < 0x20)
			return false;
		if (c >= 0x80) {
			if (!utf8_scan(s))
				return false;
			continue;
		}
		s->at++;
		if (c == '\\' && !escape_scan(s))
			return false;
	}
	return false;
}

static bool
member_name_scan(struct scan *s)
{
	space_skip(s);
	if (!string_scan(s))
		return false;
	space_skip(s);
	return char_take(s, ':');
}

// The inside of an array or object, from behind the opening bracket to behind the closing one.
static bool
container_scan(struct scan *s, bool object)
{
	char close = object ? '}' : ']';
	bool good;

	if (s->depth == 0) {
		s->too_deep = true;
		return false;
	}
	s->depth--;
	space_skip(s);
	good = char_take(s, close);
	while (!good) {
		if ((object && !member_name_scan(s)) || !value_scan(s))
			return false;
		space_skip(s);
		good = char_take(s, close);
		if (!good && !char_take(s, ','))
			return false;
	}
	s->depth++;
	return true;
}

static bool
value_scan(struct scan *s)
{
	space_skip(s);
	if (s->at == s->end)
		return false;
	switch (*s->at) {
	case '{':
	case '[':
		s->at++;
		return container_scan(s, s->at[-1] == '{');
	case '"':
		return string_scan(s);
	case 't':
		return word_take(s, "true");
	case 'f':
		return word_take(s, "false");
	case 'n':
		return word_take(s, "null");
	default:
		return number_scan(s);
	}
}

int
json_scan_check(const char *text, size_t len, unsigned int depth, struct error *err)
{
	struct scan s = {.at = text, .end = text + len, .depth = depth};

	if (value_scan(&s)) {
		space_skip(&s);
		if (s.at == s.end)
			return 0;
	}
	if (s.too_deep)
		return error_set(err, -E2BIG, "not accepted: nested deeper than %u levels", depth);
	if (s.at == s.end)
		return error_set(err, -EINVAL, "not JSON: the text ends too early, at byte %zu", len);
	return error_set(err, -EINVAL, "not JSON: unexpected byte 0x%02x at byte %zu",
		(unsigned char)*s.at, (size_t)(s.at - text));
}

bool
json_walk_start(struct json_walk *w, struct json_span value)
{
	struct scan s = {.at = value.start, .end = value.start + value.len};

	space_skip(&s);
	if (s.at == s.end || (*s.at != '{' && *s.at != '['))
		return false;
	*w = (struct json_walk){.at = s.at + 1, .end = s.end, .object = *s.at == '{'};
	return true;
}

bool
json_walk_next(struct json_walk *w, struct json_span *ret_value)
{
	struct scan s = {.at = w->at, .end = w->end, .depth = (unsigned int)-1};
	const char *start;

	space_skip(&s);
	if (char_take(&s, w->object ? '}' : ']'))
		return false;
	if (w->started && !char_take(&s, ','))
		return false;
	if (w->object && !member_name_scan(&s))
		return false;
	space_skip(&s);
	start = s.at;
	if (!value_scan(&s))
		return false;
	w->started = true;
	w->at = s.at;
	*ret_value = (struct json_span){start, (size_t)(s.at - start)};
	return true;
}
