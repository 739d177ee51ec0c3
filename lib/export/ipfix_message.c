/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_message.h"

#include "flow/flow_stats.h"

void
ipfix_message_begin(struct ipfix_message *m, size_t limit)
{
	m->templates = 0;
	m->records = 0;
	m->packets = 0;
	m->octets = 0;
	m->len = IPFIX_MESSAGE_HEADER;
	m->limit = (uint32_t)limit;
	m->set_at = 0;
	m->set_id = 0;
}

// Room for a record in a set of this id: where to write it, or NULL. Records of one id in a row
// share a set.
static uint8_t *
record_begin(struct ipfix_message *m, uint16_t set_id, size_t bytes)
{
	bool same = m->set_at != 0 && m->set_id == set_id;

	if (m->len + (same ? 0 : IPFIX_SET_HEADER) + bytes > m->limit)
		return NULL;
	if (!same) {
		m->set_at = m->len;
		m->set_id = set_id;
		ipfix_put16(m->data + m->len, set_id);
		m->len += IPFIX_SET_HEADER;
	}
	return m->data + m->len;
}

static void
record_end(struct ipfix_message *m, const uint8_t *end)
{
	m->len = (uint32_t)(end - m->data);
	ipfix_put16(m->data + m->set_at + 2, (uint16_t)(m->len - m->set_at));
}

bool
ipfix_message_add_flow(struct ipfix_message *m, const struct flow *f)
{
	unsigned int shape = ipfix_shape(f);
	uint8_t *at = record_begin(m, (uint16_t)(IPFIX_TEMPLATE_FIRST + shape),
		ipfix_record_bytes(shape));
	struct flow_counters both;

	if (at == NULL)
		return false;
	record_end(m, ipfix_record_put(at, shape, f));
	flow_part_counters(f, FLOW_BOTH, &both);
	m->templates |= IPFIX_TEMPLATE_BIT(shape);
	m->records++;
	m->packets += both.packets;
	m->octets += both.l3_bytes;
	return true;
}

bool
ipfix_message_add_statistics(struct ipfix_message *m, const struct ipfix_statistics *s)
{
	uint8_t *at = record_begin(m, IPFIX_TEMPLATE_FIRST + IPFIX_TEMPLATE_STATISTICS,
		IPFIX_STATISTICS_RECORD);

	if (at == NULL)
		return false;
	record_end(m, ipfix_statistics_put(at, s));
	m->templates |= IPFIX_TEMPLATE_BIT(IPFIX_TEMPLATE_STATISTICS);
	m->records++;
	return true;
}

static bool
template_add(struct ipfix_message *m, unsigned int number)
{
	bool options = number == IPFIX_TEMPLATE_STATISTICS;
	uint8_t *at = record_begin(m, options ? IPFIX_OPTIONS_TEMPLATE_SET : IPFIX_TEMPLATE_SET,
		options ? IPFIX_STATISTICS_TEMPLATE : ipfix_template_bytes(number));

	if (at == NULL)
		return false;
	record_end(m, options ? ipfix_statistics_template_put(at,
		(uint16_t)(IPFIX_TEMPLATE_FIRST + number)) : ipfix_template_put(at, number));
	m->templates |= IPFIX_TEMPLATE_BIT(number);
	return true;
}

void
ipfix_message_add_templates(struct ipfix_message *m, uint32_t templates)
{
	for (unsigned int number = 0; number <= IPFIX_TEMPLATE_STATISTICS; number++)
		if ((templates & IPFIX_TEMPLATE_BIT(number)) != 0 && !template_add(m, number))
			return;
}

void
ipfix_message_stamp(struct ipfix_message *m, uint32_t time_s, uint32_t sequence, uint32_t domain)
{
	uint8_t *at = ipfix_put16(m->data, IPFIX_VERSION);

	at = ipfix_put16(at, (uint16_t)m->len);
	at = ipfix_put32(at, time_s);
	at = ipfix_put32(at, sequence);
	ipfix_put32(at, domain);
}
