/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"
#include "reference/reference.h"

static void
row_print(const struct config_field *f, FILE *out)
{
	char allowed[192];

	fprintf(out, "| `%s` | ", f->param.name);
	reference_cell(param_allowed(&f->param, allowed, sizeof(allowed)), out);
	if (f->param.def != NULL)
		fprintf(out, " | `%s` | ", f->param.def);
	else
		fprintf(out, " | none | ");
	if (f->option != NULL)
		fprintf(out, "`%s` | ", f->option);
	else
		fprintf(out, "| ");
	fprintf(out, "%s%s | ", f->restart ? "next start" : "at once",
		f->file_only ? ", by the file" : "");
	reference_cell(f->param.help, out);
	fprintf(out, " |\n");
}

void
reference_configuration(FILE *out)
{
	const struct config_field *f = NULL;

	fprintf(out, "# Configuration reference\n\n"
		"This page is generated from the table of fields in `app/config/` (`scripts/reference.sh`), and a test\n"
		"fails when it is not what the table says. [guide.md](guide.md), section 2, explains how a configuration\n"
		"is given, changed, saved and rolled back.\n\n"
		"Fields that are applied at once can be changed with `config.set` while packets flow; the others wait for\n"
		"the next start, and `config.set` names them. Those \"by the file\" name what is opened or run on this\n"
		"machine: they are changed in the file of `--config`, which SIGHUP has read again.\n\n"
		"| field | allowed | default | option | applied | meaning |\n|---|---|---|---|---|---|\n");
	while ((f = config_field_next(f)) != NULL)
		row_print(f, out);
}
