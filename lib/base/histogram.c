/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/histogram.h"

uint64_t
histogram_bucket_end(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < HISTOGRAM_PARTS)
		return bucket;
	shift = bucket / HISTOGRAM_PARTS - 1;
	// In 64 bits the last bucket's end wraps to UINT64_MAX, as it should.
	return ((uint64_t)(HISTOGRAM_PARTS + bucket % HISTOGRAM_PARTS + 1) << shift) - 1;
}

void
histogram_sum(struct histogram *sum, const struct histogram *h)
{
	uint64_t max = __atomic_load_n(&h->max, __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->count[i] += __atomic_load_n(&h->count[i], __ATOMIC_RELAXED);
	if (max > sum->max)
		sum->max = max;
}

// The smallest bucket end that at least `rank` of the numbers do not exceed.
static uint64_t
quantile(const struct histogram *h, uint64_t rank)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->count[i];
		if (seen >= rank)
			return histogram_bucket_end(i) < h->max ? histogram_bucket_end(i) : h->max;
	}
	return h->max;
}

void
histogram_summarize(const struct histogram *h, struct histogram_summary *ret)
{
	struct histogram copy = {0};

	*ret = (struct histogram_summary){0};
	histogram_sum(&copy, h);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		ret->count += copy.count[i];
	if (ret->count == 0)
		return;
	ret->p50 = quantile(&copy, ret->count - ret->count / 2);
	ret->p99 = quantile(&copy, ret->count - ret->count / 100);
	ret->p999 = quantile(&copy, ret->count - ret->count / 1000);
	ret->max = copy.max;
}
