/* SPDX-License-Identifier: BSD-3-Clause */
#include "latency.h"

#include <math.h>

#include <rte_cycles.h>

#include "base/json_out.h"

static void
meter_begin(struct latency_meter *m, uint64_t tag)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		__atomic_store_n(&m->transit.count[i], 0, __ATOMIC_RELAXED);
	__atomic_store_n(&m->transit.max, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&m->changes, 0, __ATOMIC_RELAXED);
	m->previous = UINT64_MAX;
	__atomic_store_n(&m->tag, tag, __ATOMIC_RELEASE);
}

static void
meter_add(struct latency_meter *m, uint64_t ns)
{
	uint64_t change = ns > m->previous ? ns - m->previous : m->previous - ns;

	histogram_add(&m->transit, ns);
	if (m->previous != UINT64_MAX)
		__atomic_store_n(&m->changes, m->changes + change, __ATOMIC_RELAXED);
	m->previous = ns;
}

void
latency_meter_burst(struct latency_meter *m, uint64_t tag, struct rte_mbuf *const *packets,
	uint16_t n, uint64_t now)
{
	const double ns_per_tick = 1e9 / (double)rte_get_tsc_hz();

	if (m->tag != tag)
		meter_begin(m, tag);
	for (uint16_t i = 0; i < n; i++) {
		const struct rte_mbuf *last = rte_pktmbuf_lastseg(packets[i]);
		uint64_t sent;

		if (last->data_len < STAMP_BYTES)
			continue;
		// Not after now: the clocks of two CPUs may differ by a little.
		if (stamp_read(rte_pktmbuf_mtod_offset(last, const uint8_t *, last->data_len), tag,
				&sent))
			meter_add(m, sent < now ?
				(uint64_t)((double)(now - sent) * ns_per_tick) : 0);
	}
}

void
latency_total_add(struct latency_total *total, const struct latency_meter *m, uint64_t tag)
{
	struct histogram_summary s;

	if (__atomic_load_n(&m->tag, __ATOMIC_ACQUIRE) != tag)
		return;
	histogram_summarize(&m->transit, &s);
	histogram_sum(&total->transit, &m->transit);
	total->changes += __atomic_load_n(&m->changes, __ATOMIC_RELAXED);
	total->pairs += s.count > 0 ? s.count - 1 : 0;
}

void
latency_summarize(const struct latency_total *total, struct latency_summary *ret)
{
	struct histogram_summary s;

	histogram_summarize(&total->transit, &s);
	*ret = (struct latency_summary){.packets = s.count, .p50 = s.p50, .p99 = s.p99,
		.p999 = s.p999, .max = s.max,
		.jitter = total->pairs > 0 ? (double)total->changes / (double)total->pairs : 0};
}

void
latency_write(const struct latency_summary *s, struct json_out *out)
{
	json_out_open(out, '{');
	json_out_key_u64(out, "packets", s->packets);
	json_out_key_f64(out, "p50_us", (double)s->p50 / 1e3);
	json_out_key_f64(out, "p99_us", (double)s->p99 / 1e3);
	json_out_key_f64(out, "p999_us", (double)s->p999 / 1e3);
	json_out_key_f64(out, "max_us", (double)s->max / 1e3);
	json_out_key_f64(out, "jitter_us", round(s->jitter) / 1e3);
	json_out_close(out, '}');
}
