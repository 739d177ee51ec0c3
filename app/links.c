/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"
#include "pipeline.h"

// Links of ports: whether there is still something to capture from. Control thread.

static void
link_tell(const struct port *port, enum port_link link)
{
	switch (link) {
	case PORT_LINK_UP:
		log_notice("port", "%s: the link is up", port->name);
		break;
	case PORT_LINK_DOWN:
		log_warning("port", "%s: the link is down", port->name);
		break;
	case PORT_LINK_GONE:
		log_error("port", "%s: the interface is gone; one that comes in its place is captured "
			"from a new start on", port->name);
		break;
	}
}

void
links_start(struct pipeline *p)
{
	for (unsigned int i = 0; i < p->port_count; i++) {
		p->links[i] = port_link_get(&p->ports[i]);
		if (p->links[i] != PORT_LINK_UP)
			link_tell(&p->ports[i], p->links[i]);
	}
}

void
links_tick(struct pipeline *p)
{
	for (unsigned int i = 0; i < p->port_count; i++) {
		enum port_link link = port_link_get(&p->ports[i]);

		if (link != p->links[i])
			link_tell(&p->ports[i], link);
		p->links[i] = link;
	}
}

const struct port *
links_gone(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->port_count; i++)
		if (p->links[i] == PORT_LINK_GONE)
			return &p->ports[i];
	return NULL;
}
