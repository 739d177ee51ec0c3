/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_REFERENCE_H
#define WEIR_APP_REFERENCE_H

#include <stdio.h>

// Pages of the documentation that are made from tables of the program.

void reference_configuration(FILE *out);  // docs/configuration.md
void reference_jsonrpc(FILE *out);        // docs/jsonrpc.md

// Text in a cell of a Markdown table.
void reference_cell(const char *text, FILE *out);

#endif
