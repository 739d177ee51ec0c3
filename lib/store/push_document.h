/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_STORE_PUSH_DOCUMENT_H
#define WEIR_STORE_PUSH_DOCUMENT_H

#include <bson/bson.h>

#include "base/document.h"
#include "base/error.h"

// The form of a document on the server: all fields of its JSON (json_bson.h says with which
// types), and
//
//   _id        "<appliance>/<query>/<window end us>", and for alerts "/<key>/<state>" after that,
//              as one window may raise alerts for many keys; for flow records
//              "<appliance>/flow/<last packet us>/<hash of the JSON>"; for daily totals
//              "<appliance>/daily/<day>/<host>", each replacing the one before
//   appliance  string
//   start, end BSON dates (milliseconds); the JSON has the microseconds
//
// A field of the JSON with one of these names gives way.

// The collection for a kind, NULL where that kind is not pushed.
const char *push_collection(enum document_kind k);

// Fill *ret, which the caller has initialised and destroys in any case. 0 or -errno with err.
int push_document_encode(const struct document *d, const char *appliance, bson_t *ret,
	struct error *err);

#endif
