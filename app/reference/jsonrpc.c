/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/method.h"
#include "reference/reference.h"

static void
params_print(const struct method *m, FILE *out)
{
	char allowed[256];

	if (m->params == NULL) {
		fprintf(out, "Takes no parameters.\n\n");
		return;
	}
	fprintf(out, "| parameter | allowed | default | meaning |\n|---|---|---|---|\n");
	for (const struct param *p = m->params; p->name != NULL; p++) {
		fprintf(out, "| `%s` | ", p->name);
		reference_cell(param_allowed(p, allowed, sizeof(allowed)), out);
		if (method_param_required(m, p))
			fprintf(out, " | required | ");
		else if (p->def != NULL && (m->flags & METHOD_KEEPS) == 0)
			fprintf(out, " | `%s` | ", p->def);
		else
			fprintf(out, " | | ");
		reference_cell(p->help, out);
		fprintf(out, " |\n");
	}
	fprintf(out, "\n");
	if ((m->flags & METHOD_NEEDS_ONE) != 0)
		fprintf(out, "At least one of them has to be given.%s\n\n",
			(m->flags & METHOD_KEEPS) != 0 ? " What is not given stays as it is." : "");
}

void
reference_jsonrpc(FILE *out)
{
	fprintf(out, "# JSON-RPC reference\n\n"
		"This page is generated from the method table in `lib/control/methods.c` (`scripts/reference.sh`), and a\n"
		"test fails when it is not what the table says. A running Weir gives the same table with `rpc.methods`, and\n"
		"as an OpenRPC document at `/openrpc.json`. [guide.md](guide.md), section 11, explains how to ask.\n\n"
		"The role says who may call a method: `viewer` looks, `operator` changes what Weir does, `admin` changes how\n"
		"it is set up. A parameter that is missing, unknown, of another type or out of range is error -32602 with\n"
		"its name in `data.field`; where several can be wrong, all of them are in `data.errors`.\n");
	for (const struct method *m = method_next(NULL); m != NULL; m = method_next(m)) {
		fprintf(out, "\n## %s\n\nRole `%s`: %s.\n\n", m->name, role_name(m->role),
			m->help);
		params_print(m, out);
		fprintf(out, "Result: %s.\n", m->result);
	}
}
