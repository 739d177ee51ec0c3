/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_template.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "flow/flow_stats.h"

// One row = one information element (IANA's registry, RFC 7012) and how it is written. Rows that
// are `both` tell of one direction: they are there as reverse elements (RFC 5103) too in the record of a
// flow that has packets in both.

enum when {
	ALWAYS,
	IPV4,
	IPV6,
	BIFLOW,
	MAC,
	VLAN_1,  // at least one tag
	VLAN_2,
};

// A flow as the rows read it: forward is the direction of its first packet.
struct record {
	const struct flow *f;
	struct flow_counters part[2];
	uint64_t first_us[2], last_us[2];
	unsigned int src;  // index in the key of the first packet's source
};

struct field {
	uint16_t id;
	uint8_t length;
	uint8_t when;  // enum when
	bool both;
	void (*put)(uint8_t *at, const struct record *r, unsigned int part);
};

#define PUT(name, code) \
	static void put_##name(uint8_t *at, const struct record *r, unsigned int part) \
	{ \
		(void)r; \
		(void)part; \
		code; \
	}

PUT(source4, memcpy(at, r->f->key.addr[r->src] + 12, 4))
PUT(destination4, memcpy(at, r->f->key.addr[!r->src] + 12, 4))
PUT(source6, memcpy(at, r->f->key.addr[r->src], 16))
PUT(destination6, memcpy(at, r->f->key.addr[!r->src], 16))
PUT(source_port, ipfix_put16(at, rte_be_to_cpu_16(r->f->key.port[r->src])))
PUT(destination_port, ipfix_put16(at, rte_be_to_cpu_16(r->f->key.port[!r->src])))
PUT(protocol, ipfix_put8(at, r->f->key.proto))
PUT(version, ipfix_put8(at, r->f->key.version))
PUT(vlan_outer, ipfix_put16(at, r->f->key.vlan[0]))
PUT(vlan_inner, ipfix_put16(at, r->f->key.vlan[1]))
PUT(source_mac, memcpy(at, r->f->src_mac, 6))
PUT(destination_mac, memcpy(at, r->f->dst_mac, 6))
PUT(end_reason, ipfix_put8(at, flow_end_reason(r->f->end)))
PUT(initiator, ipfix_put8(at, 1))
PUT(start_ms, ipfix_put64(at, r->first_us[part] / 1000))
PUT(end_ms, ipfix_put64(at, r->last_us[part] / 1000))
PUT(start_us, ipfix_put64(at, ipfix_ntp_time(r->first_us[part])))
PUT(end_us, ipfix_put64(at, ipfix_ntp_time(r->last_us[part])))
PUT(octets, ipfix_put64(at, r->part[part].l3_bytes))
PUT(packets, ipfix_put64(at, r->part[part].packets))
PUT(frame_octets, ipfix_put64(at, r->part[part].bytes))
PUT(frame_min, ipfix_put32(at, r->part[part].size_min))
PUT(frame_max, ipfix_put32(at, r->part[part].size_max))
PUT(tcp_flags, ipfix_put8(at, r->part[part].tcp_flags))
PUT(ttl_min, ipfix_put8(at, r->part[part].ttl_min))
PUT(ttl_max, ipfix_put8(at, r->part[part].ttl_max))

static const struct field fields[] = {
	{8, 4, IPV4, false, put_source4},            // sourceIPv4Address
	{12, 4, IPV4, false, put_destination4},      // destinationIPv4Address
	{27, 16, IPV6, false, put_source6},          // sourceIPv6Address
	{28, 16, IPV6, false, put_destination6},     // destinationIPv6Address
	{7, 2, ALWAYS, false, put_source_port},      // sourceTransportPort
	{11, 2, ALWAYS, false, put_destination_port},  // destinationTransportPort
	{4, 1, ALWAYS, false, put_protocol},         // protocolIdentifier
	{60, 1, ALWAYS, false, put_version},         // ipVersion
	{58, 2, VLAN_1, false, put_vlan_outer},      // vlanId, for collectors that know only this one
	{243, 2, VLAN_1, false, put_vlan_outer},     // dot1qVlanId
	{245, 2, VLAN_2, false, put_vlan_inner},     // dot1qCustomerVlanId
	{56, 6, MAC, false, put_source_mac},         // sourceMacAddress
	{80, 6, MAC, false, put_destination_mac},    // destinationMacAddress
	{136, 1, ALWAYS, false, put_end_reason},     // flowEndReason
	{239, 1, BIFLOW, false, put_initiator},      // biflowDirection: forward is the initiator's
	// Milliseconds because every collector reads them, microseconds because Weir knows them.
	{152, 8, ALWAYS, true, put_start_ms},        // flowStartMilliseconds
	{153, 8, ALWAYS, true, put_end_ms},          // flowEndMilliseconds
	{154, 8, ALWAYS, true, put_start_us},        // flowStartMicroseconds
	{155, 8, ALWAYS, true, put_end_us},          // flowEndMicroseconds
	{1, 8, ALWAYS, true, put_octets},            // octetDeltaCount
	{2, 8, ALWAYS, true, put_packets},           // packetDeltaCount
	{352, 8, ALWAYS, true, put_frame_octets},    // layer2OctetDeltaCount
	{422, 4, ALWAYS, true, put_frame_min},       // minimumLayer2TotalLength, reduced size
	{423, 4, ALWAYS, true, put_frame_max},       // maximumLayer2TotalLength, reduced size
	// One byte, RFC 7125: the lower eight bits are what was observed.
	{6, 1, ALWAYS, true, put_tcp_flags},         // tcpControlBits
	{52, 1, ALWAYS, true, put_ttl_min},          // minimumTTL
	{53, 1, ALWAYS, true, put_ttl_max},          // maximumTTL
};

static bool
field_belongs(const struct field *field, unsigned int shape)
{
	switch ((enum when)field->when) {
	case ALWAYS:
		return true;
	case IPV4:
		return (shape & IPFIX_SHAPE_IPV6) == 0;
	case IPV6:
		return (shape & IPFIX_SHAPE_IPV6) != 0;
	case BIFLOW:
		return (shape & IPFIX_SHAPE_BIFLOW) != 0;
	case MAC:
		return (shape & IPFIX_SHAPE_MAC) != 0;
	case VLAN_1:
		return shape >> IPFIX_SHAPE_VLAN_SHIFT >= 1;
	case VLAN_2:
		return shape >> IPFIX_SHAPE_VLAN_SHIFT >= 2;
	}
	return false;
}

/*
 * The next field of a shape, from *i on: first what is of the flow as a whole, then the reverse
 * direction's, then the forward one's. Forward comes last because there are collectors that know the
 * reverse elements of counters only, and take those of times and flags for the plain ones (nfdump
 * 1.7.1): there the later value stays. Both template and record walk this way, so they cannot disagree.
 */
static const struct field *
field_next(unsigned int shape, unsigned int *i, bool *ret_reverse)
{
	enum {WHOLE, REVERSE, FORWARD, PASSES};

	while (*i < PASSES * RTE_DIM(fields)) {
		unsigned int pass = *i / RTE_DIM(fields);
		const struct field *field = &fields[(*i)++ % RTE_DIM(fields)];

		*ret_reverse = pass == REVERSE;
		if (field->both ? pass == FORWARD || (pass == REVERSE && shape & IPFIX_SHAPE_BIFLOW) :
			pass == WHOLE && field_belongs(field, shape))
			return field;
	}
	return NULL;
}

static bool
mac_is_known(const struct flow *f)
{
	static const uint8_t none[6];

	return memcmp(f->src_mac, none, sizeof(none)) != 0 ||
		memcmp(f->dst_mac, none, sizeof(none)) != 0;
}

unsigned int
ipfix_shape(const struct flow *f)
{
	struct flow_counters rev;
	unsigned int shape = RTE_MIN(f->key.vlan_count, 2U) << IPFIX_SHAPE_VLAN_SHIFT;

	flow_part_counters(f, FLOW_REV, &rev);
	if (f->key.version == 6)
		shape |= IPFIX_SHAPE_IPV6;
	if (rev.packets != 0)
		shape |= IPFIX_SHAPE_BIFLOW;
	if (mac_is_known(f))
		shape |= IPFIX_SHAPE_MAC;
	return shape;
}

size_t
ipfix_record_bytes(unsigned int shape)
{
	const struct field *field;
	unsigned int i = 0;
	size_t bytes = 0;
	bool reverse;

	while ((field = field_next(shape, &i, &reverse)) != NULL)
		bytes += field->length;
	return bytes;
}

size_t
ipfix_template_bytes(unsigned int shape)
{
	unsigned int i = 0;
	size_t bytes = 4;
	bool reverse;

	while (field_next(shape, &i, &reverse) != NULL)
		bytes += reverse ? 8 : 4;
	return bytes;
}

uint8_t *
ipfix_record_put(uint8_t *at, unsigned int shape, const struct flow *f)
{
	struct record r = {.f = f, .src = f->fwd_swapped};
	const struct field *field;
	unsigned int i = 0;
	bool reverse;

	for (unsigned int part = 0; part < 2; part++) {
		flow_part_counters(f, part, &r.part[part]);
		flow_part_times(f, part, &r.first_us[part], &r.last_us[part]);
	}
	while ((field = field_next(shape, &i, &reverse)) != NULL) {
		field->put(at, &r, reverse);
		at += field->length;
	}
	return at;
}

uint8_t *
ipfix_template_put(uint8_t *at, unsigned int shape)
{
	uint8_t *count = at + 2;
	const struct field *field;
	unsigned int i = 0;
	uint16_t n = 0;
	bool reverse;

	ipfix_put16(at, (uint16_t)(IPFIX_TEMPLATE_FIRST + shape));
	at += 4;
	for (; (field = field_next(shape, &i, &reverse)) != NULL; n++) {
		at = ipfix_put16(at, field->id | (reverse ? IPFIX_ENTERPRISE_BIT : 0));
		at = ipfix_put16(at, field->length);
		if (reverse)
			at = ipfix_put32(at, IPFIX_PEN_REVERSE);
	}
	ipfix_put16(count, n);
	return at;
}

uint64_t
ipfix_ntp_time(uint64_t us)
{
	const uint64_t unix_epoch_s = UINT64_C(2208988800);  // in seconds since 1900
	uint64_t fraction = (((us % 1000000) << 32) + 999999) / 1000000;

	fraction = (fraction + 0x7ff) & ~UINT64_C(0x7ff);
	return (us / 1000000 + unix_epoch_s) << 32 | fraction;
}
