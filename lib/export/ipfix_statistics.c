/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_statistics.h"

#include <assert.h>

#include <rte_common.h>

static const struct {
	uint16_t id, length;
} fields[] = {
	{144, 4},  // exportingProcessId, the scope
	{41, 8},   // exportedMessageTotalCount
	{42, 8},   // exportedFlowRecordTotalCount
	{40, 8},   // exportedOctetTotalCount
	{166, 8},  // notSentFlowTotalCount
	{167, 8},  // notSentPacketTotalCount
	{168, 8},  // notSentOctetTotalCount
	{323, 8},  // observationTimeMilliseconds: the first loss
	{323, 8},  // observationTimeMilliseconds: the latest loss
};
static_assert(RTE_DIM(fields) == IPFIX_STATISTICS_FIELDS, "the header's sizes are of this table");

uint8_t *
ipfix_statistics_template_put(uint8_t *at, uint16_t template_id)
{
	at = ipfix_put16(at, template_id);
	at = ipfix_put16(at, IPFIX_STATISTICS_FIELDS);
	at = ipfix_put16(at, 1);  // of them scope
	for (unsigned int i = 0; i < RTE_DIM(fields); i++)
		at = ipfix_put16(ipfix_put16(at, fields[i].id), fields[i].length);
	return at;
}

uint8_t *
ipfix_statistics_put(uint8_t *at, const struct ipfix_statistics *s)
{
	at = ipfix_put32(at, s->process_id);
	at = ipfix_put64(at, s->messages);
	at = ipfix_put64(at, s->records);
	at = ipfix_put64(at, s->octets);
	at = ipfix_put64(at, s->lost_records);
	at = ipfix_put64(at, s->lost_packets);
	at = ipfix_put64(at, s->lost_octets);
	at = ipfix_put64(at, s->lost_first_ms);
	return ipfix_put64(at, s->lost_last_ms);
}
