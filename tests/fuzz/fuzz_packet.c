/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a frame, of any link type, cut into segments in any way. Memory is as tight as the
 * packet says it is, so that ASan sees a byte too far; the outcome must not depend on the cuts, and
 * a key that comes out must be a proper one. All of it with tunnels followed and without; following
 * them must not change which packets are in flows.
 *
 * Input: link type (2 bytes, big endian), number of cuts, then a length per cut, then the frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packet/packet.h"
#include "packet/tunnel_follow.h"

#define CUTS_MAX 32
#define FRAME_MAX 65535u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A segment whose memory ends where its data ends. No pool: the parser looks at nothing else.
static struct rte_mbuf *
segment_create(const uint8_t *data, size_t len)
{
	struct rte_mbuf *m = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*m));

	if (m == NULL)
		abort();
	memset(m, 0, sizeof(*m));
	m->buf_addr = malloc(len);
	if (m->buf_addr == NULL && len > 0)
		abort();
	if (len > 0)
		memcpy(m->buf_addr, data, len);
	m->buf_len = m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	m->nb_segs = 1;
	return m;
}

static void
packet_free(struct rte_mbuf *m)
{
	while (m != NULL) {
		struct rte_mbuf *next = m->next;

		free(m->buf_addr);
		free(m);
		m = next;
	}
}

static struct rte_mbuf *
packet_cut(const uint8_t *frame, size_t len, const uint8_t *cuts, unsigned int count)
{
	struct rte_mbuf *head = NULL, **end = &head;
	size_t done = 0;

	for (unsigned int i = 0; i <= count; i++) {
		size_t n = i < count && cuts[i] < len - done ? cuts[i] : len - done;

		*end = segment_create(frame + done, n);
		end = &(*end)->next;
		done += n;
		if (done == len)
			break;
	}
	head->pkt_len = (uint32_t)len;
	head->nb_segs = 0;
	for (const struct rte_mbuf *m = head; m != NULL; m = m->next)
		head->nb_segs++;
	return head;
}

static bool
key_is_proper(const struct packet_meta *m)
{
	const struct flow_key *k = &m->key;
	unsigned int vlans = k->tunnel == 0 ? FLOW_KEY_VLANS : FLOW_KEY_TUNNEL_VLANS;
	int order = memcmp(k->addr[0], k->addr[1], 16);

	if (order == 0)
		order = memcmp(&k->port[0], &k->port[1], 2);
	if (order > 0 || m->swapped > 1 || k->vlan_count > vlans)
		return false;
	if (order == 0 && m->swapped)
		return false;
	for (unsigned int i = 0; i < vlans; i++)
		if (k->vlan[i] > (i < k->vlan_count ? 4095 : 0))
			return false;
	return k->version == 4 || k->version == 6;
}

static bool
tunnel_is_proper(const struct packet_meta *m)
{
	const struct packet_tunnel *t = &m->tunnel;

	if (t->type == TUNNEL_NONE)
		return m->key.tunnel == 0;
	return t->type < TUNNEL_COUNT && t->depth >= 1 && t->depth <= TUNNEL_DEPTH_MAX &&
		(t->version == 4 || t->version == 6) && t->has_id <= 1 &&
		(t->has_id || t->id == 0) && m->key.tunnel >> 5 == t->depth &&
		(m->key.tunnel & 31) != TUNNEL_NONE && (m->key.tunnel & 31) < TUNNEL_COUNT;
}

static void
meta_check(const struct packet_meta *m)
{
	bool tcp = m->key.proto == 6;

	if (m->discard >= DISCARD_COUNT || m->discard == DISCARD_STOPPED)
		abort();
	if (m->discard != DISCARD_NONE)
		return;
	if (!key_is_proper(m) || !tunnel_is_proper(m) || m->tcp_payload > m->l3_bytes)
		abort();
	if (m->key.version == 4 ? m->l3_bytes > 65535 : m->l3_bytes < 40)
		abort();
	if (m->fragment > PACKET_FRAGMENT_LATER ||
		(m->fragment == PACKET_WHOLE && m->fragment_id != 0) ||
		(m->fragment == PACKET_FRAGMENT_LATER && (m->key.port[0] != 0 ||
		m->key.port[1] != 0)))
		abort();
	if (!tcp && (m->tcp_flags != 0 || m->tcp_seq != 0 || m->tcp_ack != 0 ||
		m->tcp_payload != 0))
		abort();
	if (!tcp && m->key.proto != 17 && m->key.proto != 132 && m->key.proto != 136 &&
		(m->key.port[0] != 0 || m->key.port[1] != 0))
		abort();
}

// Differences in fields that mean nothing on a discarded packet do not count.
static bool
meta_same(const struct packet_meta *a, const struct packet_meta *b)
{
	return a->discard == b->discard && (a->discard != DISCARD_NONE ||
		(flow_key_equal(&a->key, &b->key) && a->l3_bytes == b->l3_bytes &&
		a->tcp_seq == b->tcp_seq && a->tcp_ack == b->tcp_ack && a->ttl == b->ttl &&
		a->tcp_payload == b->tcp_payload && a->tcp_flags == b->tcp_flags &&
		a->swapped == b->swapped && a->fragment == b->fragment &&
		a->fragment_id == b->fragment_id && a->l3_end == b->l3_end &&
		a->tunnel.type == b->tunnel.type && (a->tunnel.type == TUNNEL_NONE ||
		memcmp(&a->tunnel, &b->tunnel, sizeof(a->tunnel)) == 0) && memcmp(a->src_mac, b->src_mac, 6) == 0 &&
		memcmp(a->dst_mac, b->dst_mac, 6) == 0));
}

// The packet as one segment and in pieces: returns its outcome.
static void
parse_both_ways(const uint8_t *frame, size_t len, const uint8_t *cuts, unsigned int count,
	uint32_t linktype, enum packet_tunnels tunnels, struct packet_meta *ret)
{
	struct packet_meta pieces;
	struct rte_mbuf *m;

	memset(ret, 0xa5, sizeof(*ret));
	memset(&pieces, 0x5a, sizeof(pieces));
	m = packet_cut(frame, len, NULL, 0);
	packet_parse(m, linktype, tunnels, ret);
	packet_free(m);
	m = packet_cut(frame, len, cuts, count);
	packet_parse(m, linktype, tunnels, &pieces);
	packet_free(m);
	meta_check(ret);
	if (!meta_same(ret, &pieces))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_meta outer, inner;
	const uint8_t *cuts = data + 3;
	uint32_t linktype;
	unsigned int count;

	if (size < 3)
		return 0;
	linktype = (uint32_t)data[0] << 8 | data[1];
	count = data[2] % CUTS_MAX;
	if (size < 3 + count || size - 3 - count > FRAME_MAX)
		return 0;
	data += 3 + count;
	size -= 3 + count;

	parse_both_ways(data, size, cuts, count, linktype, PACKET_TUNNELS_OFF, &outer);
	parse_both_ways(data, size, cuts, count, linktype, PACKET_TUNNELS_DECAPSULATE, &inner);
	if (outer.discard != inner.discard)
		abort();
	if (outer.discard != DISCARD_NONE)
		return 0;
	if (outer.tunnel.type != TUNNEL_NONE || outer.l3_end != inner.l3_end)
		abort();
	if (inner.tunnel.type == TUNNEL_NONE && !meta_same(&outer, &inner))
		abort();
	return 0;
}
