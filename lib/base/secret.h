/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_SECRET_H
#define WEIR_BASE_SECRET_H

// A copy of a URI with stars in the place of what is secret in it: the password between "user:" and
// "@", and the options that libmongoc takes passwords from. Text that is no URI comes back as it is.
// malloc()ed; NULL: out of memory. Any thread.
char *secret_hide_uri(const char *uri);

// The same for a text in which URIs may occur, also mistyped ones ("mongo//user:password@host"), and
// some that are cut off: rather too much of it is hidden than too little.
char *secret_hide_text(const char *text);

struct cJSON;
// cJSON_Delete() of what a secret may be in: texts are wiped before. NULL is fine.
void secret_json_delete(struct cJSON *v);

#endif
