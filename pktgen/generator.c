/* SPDX-License-Identifier: BSD-3-Clause */
#include "generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_mbuf_dyn.h>
#include <rte_random.h>

#include "answer_key.h"
#include "answer_queries.h"
#include "generator_lcore.h"
#include "stamp.h"

#define HANDSHAKE_US 50

// Sizes that the mempool holds in one segment, and an answer key only where there is one.
static int
profile_suits(const struct generator *g, const struct profile *p, struct error *err)
{
	uint32_t room = rte_pktmbuf_data_room_size(g->params.pool) - RTE_PKTMBUF_HEADROOM;
	uint32_t largest = RTE_MAX(profile_frame_largest(p), FRAME_HEADERS_MAX + ENCAP_BYTES_MAX);
	const char *field = p->replay.kind != REPLAY_NONE ? "replay.max_bytes" : "size";

	if (largest > room)
		return error_field(err, -EINVAL, field,
			"%s: found frames of %u bytes, allowed is up to %u with these buffers",
			field, largest, room);
	if (p->answer_key[0] != '\0' && !g->params.answer_keys)
		return error_field(err, -EINVAL, "answer_key",
			"answer_key: found \"%.60s\", allowed is null here (only weir-pktgen "
			"writes them)",
			p->answer_key);
	return 0;
}

static struct answer_key *
key_create(const struct profile *p, const struct plan *plan, unsigned int lcores,
	struct error *err)
{
	cJSON *json = profile_json(p);
	char *text = json != NULL ? cJSON_PrintUnformatted(json) : NULL;
	const struct answer_parameters parameters = {p->answers.share_percent, p->answers.rows,
		p->answers.sigmas};
	struct answer_key *k = NULL;

	if (text == NULL)
		error_set(err, -ENOMEM, "no memory for the answer key");
	else
		k = answer_key_create(&(struct answer_key_params){.path = p->answer_key,
			.plan = plan, .lcores = lcores, .flows = p->answers.flows,
			.window_seconds = p->answers.queries ? p->answers.seconds : 0,
			.parameters = &parameters, .profile = text}, err);
	cJSON_free(text);
	cJSON_Delete(json);
	return k;
}

// A tag of its own for each plan: what is under way of the one before does not count.
static uint64_t
stamp_tag_make(const struct generator *g, const struct plan *plan)
{
	if (g->params.stamps)
		return STAMP_TAG_CAPTURE;
	return UINT64_C(1) << 63 | prng_mix(rte_rand() ^ plan->serial);
}

// counted: what is sent is counted by a key that is not the plan's own.
static struct plan *
work_create(const struct generator *g, const struct profile *p, bool counted, struct error *err)
{
	struct plan *plan = plan_create(p, &(struct plan_parts){.names = g->protocols,
		.recording = g->recording, .describe = counted || p->answer_key[0] != '\0'}, err);

	if (plan != NULL) {
		plan->stamp_every = p->timestamps;
		plan->stamp_tag = stamp_tag_make(g, plan);
	}
	if (plan == NULL || p->answer_key[0] == '\0')
		return plan;
	plan->key = key_create(p, plan, g->lcore_count, err);
	if (plan->key != NULL)
		return plan;
	plan_free(plan);
	return NULL;
}

static void
work_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	answer_key_free(plan->key);
	plan_free(plan);
}

// What other threads know of the plan.
static void
plan_announce(struct generator *g, const struct plan *plan)
{
	__atomic_store_n(&g->serial, plan->serial, __ATOMIC_RELAXED);
	__atomic_store_n(&g->stamp_tag, plan->stamp_every != 0 ? plan->stamp_tag : 0,
		__ATOMIC_RELAXED);
}

/*
 * Take the plan away from the lcores: from here on they have none, and nobody but us touches what is
 * theirs. An lcore makes its epoch odd before it reads the pointer and even when it has let go of the
 * plan. Both sides write first and read then, in one total order: either the lcore sees that there
 * is no plan, or we see its odd epoch and wait for that one poll to end. An lcore that does not poll
 * has an even epoch and is not waited for.
 */
static struct plan *
work_withdraw(struct generator *g)
{
	struct plan *old = __atomic_exchange_n(&g->plan, NULL, __ATOMIC_SEQ_CST);

	for (unsigned int i = 0; i < g->lcore_count; i++) {
		const uint64_t *at = &g->lcores[i].epoch;
		uint64_t epoch = __atomic_load_n(at, __ATOMIC_SEQ_CST);

		while ((epoch & 1) != 0 && __atomic_load_n(at, __ATOMIC_ACQUIRE) == epoch)
			usleep(HANDSHAKE_US);
	}
	return old;
}

static void
lcores_drop(struct generator *g)
{
	for (unsigned int i = 0; i < g->lcore_count; i++)
		lcore_pending_drop(&g->lcores[i]);
}

static void
work_retire(struct generator *g, struct plan *plan)
{
	lcores_drop(g);
	if (g->params.retire != NULL)
		g->params.retire(g->params.retire_arg, plan, g->profile);
}

// Hand the lcores another plan in place of the one before, which is freed.
static void
work_publish(struct generator *g, struct plan *plan)
{
	struct plan *old = work_withdraw(g);

	work_retire(g, old);
	plan_announce(g, plan);
	__atomic_store_n(&g->plan, plan, __ATOMIC_SEQ_CST);
	work_free(old);
}

static int
lcores_init(struct generator *g, struct error *err)
{
	int stamp_offset = -1;

	if (g->params.stamps && rte_mbuf_dyn_rx_timestamp_register(&stamp_offset, NULL) != 0)
		return error_set(err, -rte_errno, "no room in packets for their time: %s",
			rte_strerror(rte_errno));
	g->lcore_count = RTE_MAX(g->params.lcores, 1u);
	for (unsigned int i = 0; i < g->lcore_count; i++) {
		struct generator_lcore *l = &g->lcores[i];

		l->hz = rte_get_tsc_hz();
		l->send_arg = g->params.send_args[i] != NULL ? g->params.send_args[i] :
			g->params.send_arg;
		l->run = (struct run){.share = i, .shares = g->lcore_count,
			.stamp_offset = stamp_offset, .hz = l->hz};
	}
	return 0;
}

static int
generator_init(struct generator *g, const cJSON *json, struct error *err)
{
	struct profile *p;
	int rc = lcores_init(g, err);

	if (rc != 0)
		return rc;
	g->protocols = g->params.protocols;
	if (g->protocols == NULL) {
		g->protocols_own = protocol_table_create(NULL, err);
		g->protocols = g->protocols_own;
		if (g->protocols == NULL)
			return -ENOMEM;
	}
	p = profile_create(json, g->protocols, err);
	if (p == NULL)
		return -EINVAL;
	// Recorded packets have an order, which one lcore keeps.
	if (p->replay.kind != REPLAY_NONE)
		g->lcore_count = 1;
	rc = profile_suits(g, p, err);
	if (rc == 0 && p->replay.kind != REPLAY_NONE) {
		g->recording = recording_read(&p->replay, err);
		rc = g->recording != NULL ? 0 : -EINVAL;
	}
	if (rc == 0) {
		g->plan = work_create(g, p, false, err);
		g->profile = g->plan != NULL ? profile_json(p) : NULL;
		rc = g->profile != NULL ? 0 : -ENOMEM;
	}
	if (rc == 0)
		plan_announce(g, g->plan);
	profile_free(p);
	return rc;
}

struct generator *
generator_create(const struct generator_params *p, const cJSON *profile, struct error *err)
{
	struct generator *g = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*g));

	if (g == NULL) {
		error_set(err, -ENOMEM, "no memory for the generator");
		return NULL;
	}
	memset(g, 0, sizeof(*g));
	g->params = *p;
	if (generator_init(g, profile, err) != 0) {
		generator_free(g);
		return NULL;
	}
	return g;
}

void
generator_free(struct generator *g)
{
	if (g == NULL)
		return;
	lcores_drop(g);
	work_free(g->plan);
	recording_free(g->recording);
	cJSON_Delete(g->profile);
	protocol_table_free(g->protocols_own);
	free(g);
}

static bool
same_but_for_rate(const cJSON *a, cJSON *b)
{
	cJSON *rate = cJSON_GetObjectItemCaseSensitive(b, "rate_pps");
	double keep = rate->valuedouble;
	cJSON *text = cJSON_DetachItemFromObjectCaseSensitive(b, "rate");
	bool same;

	cJSON_AddItemToObject(b, "rate",
		cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(a, "rate"), true));

	cJSON_SetNumberValue(rate,
		cJSON_GetObjectItemCaseSensitive(a, "rate_pps")->valuedouble);
	same = cJSON_Compare(a, b, true);
	cJSON_SetNumberValue(rate, keep);
	cJSON_ReplaceItemInObjectCaseSensitive(b, "rate", text);
	return same;
}

// Recordings are read at the start only.
static int
replay_keep(const struct generator *g, const cJSON *json, struct error *err)
{
	const cJSON *now = cJSON_GetObjectItemCaseSensitive(g->profile, "replay");
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(json, "replay");

	if ((now == NULL && next == NULL) || cJSON_Compare(now, next, true))
		return 0;
	return error_field(err, -EBUSY, "replay", "replay: another one, or one in place of packets that "
		"are drawn or the other way round, needs a new start of the program");
}

static int
plan_switch(struct generator *g, const struct profile *p, struct error *err)
{
	struct plan *plan;

	if (g->plan->key != NULL && g->params.retire == NULL)
		return error_field(err, -EBUSY, "answer_key",
			"answer_key: being written for the profile in effect; only rate_pps may "
			"change");
	plan = work_create(g, p, false, err);
	if (plan == NULL)
		return -ENOMEM;
	// One that has come to its end is stopped, and waits for the next start.
	if (generator_done(g))
		generator_stop(g);
	work_publish(g, plan);
	return 0;
}

// By its rate alone. The key will say the same of the profile as whoever reports it.
static int
rate_switch(struct generator *g, uint64_t rate_pps, const cJSON *json, struct error *err)
{
	char *text = cJSON_PrintUnformatted(json);
	int rc = text == NULL ? -ENOMEM : 0;

	if (rc == 0 && g->plan->key != NULL)
		rc = answer_key_profile_set(g->plan->key, text);
	cJSON_free(text);
	if (rc != 0)
		return error_set(err, rc, "no memory for a generator profile");
	__atomic_store_n(&g->plan->rate_pps, rate_pps, __ATOMIC_RELAXED);
	return 0;
}

// Switch to a profile that is in order: by its rate alone, or by a whole new plan.
static int
profile_switch(struct generator *g, const struct profile *p, bool anew, struct error *err)
{
	cJSON *json = profile_json(p);
	int rc;

	if (json == NULL)
		return error_set(err, -ENOMEM, "no memory for a generator profile");
	rc = replay_keep(g, json, err);
	if (rc == 0 && !anew && g->plan->replay == NULL && !g->plan->rate_bound &&
			same_but_for_rate(g->profile, json))
		rc = rate_switch(g, p->rate_pps, json, err);
	else if (rc == 0)
		rc = plan_switch(g, p, err);
	cJSON_Delete(rc == 0 ? g->profile : json);
	if (rc == 0)
		g->profile = json;
	return rc;
}

int
generator_change(struct generator *g, const cJSON *profile, bool anew, struct error *err)
{
	struct profile *p = profile_create(profile, g->protocols, err);
	int rc = p != NULL ? profile_suits(g, p, err) : -EINVAL;

	if (rc == 0)
		rc = profile_switch(g, p, anew, err);
	profile_free(p);
	return rc;
}

// The profile with changes merged into it, if it is in order; else -errno.
static int
profile_changed(const struct generator *g, const cJSON *changes, struct profile **ret,
	struct error *err)
{
	cJSON *merged;
	int rc;

	// To read another one would take the control thread too long.
	if (g->plan->replay != NULL)
		return error_field(err, -EBUSY, "replay", "replay: the profile is a replay, which "
			"starts and stops but does not change; another one needs a new start of "
			"the program");
	merged = profile_merge(g->profile, changes, err);
	*ret = merged != NULL ? profile_create(merged, g->protocols, err) : NULL;
	cJSON_Delete(merged);
	rc = *ret != NULL ? profile_suits(g, *ret, err) : -EINVAL;
	if (rc != 0)
		profile_free(*ret);
	return rc;
}

int
generator_check(struct generator *g, const cJSON *changes, struct error *err)
{
	struct profile *p = NULL;
	int rc = profile_changed(g, changes, &p, err);

	if (rc == 0)
		profile_free(p);
	return rc;
}

int
generator_set(struct generator *g, const cJSON *changes, struct error *err)
{
	struct profile *p = NULL;
	int rc = profile_changed(g, changes, &p, err);

	if (rc != 0)
		return rc;
	rc = profile_switch(g, p, false, err);
	profile_free(p);
	return rc;
}

int
generator_replace(struct generator *g, const cJSON *profile, struct sent_log *log,
	struct error *err)
{
	struct profile *p = profile_create(profile, g->protocols, err);
	cJSON *json = p != NULL ? profile_json(p) : NULL;
	struct plan *plan = NULL;

	if (json != NULL && profile_suits(g, p, err) == 0)
		plan = work_create(g, p, log != NULL, err);
	else if (p != NULL && json == NULL)
		error_set(err, -ENOMEM, "no memory for a generator profile");
	profile_free(p);
	if (plan == NULL) {
		cJSON_Delete(json);
		return -EINVAL;
	}
	plan->log = log;
	work_publish(g, plan);
	cJSON_Delete(g->profile);
	g->profile = json;
	return 0;
}

// A profile that is done begins anew: with fresh flows, as the first time.
static void
work_renew(struct generator *g)
{
	struct profile *p = profile_create(g->profile, g->protocols, NULL);
	struct plan *plan = p != NULL ? work_create(g, p, false, NULL) : NULL;

	if (plan != NULL)
		work_publish(g, plan);
	profile_free(p);
}

void
generator_start(struct generator *g)
{
	if (generator_done(g))
		work_renew(g);
	__atomic_store_n(&g->running, true, __ATOMIC_RELEASE);
}

void
generator_stop(struct generator *g)
{
	__atomic_store_n(&g->running, false, __ATOMIC_RELEASE);
}

void
generator_finish(struct generator *g)
{
	work_retire(g, g->plan);
}

void
generator_answer_key_fold(struct generator *g)
{
	if (g->plan->key != NULL)
		answer_key_fold(g->plan->key);
}

int
generator_answer_key_finish(struct generator *g, struct json_out *ret_totals, struct error *err)
{
	int rc;

	if (g->plan->key == NULL) {
		json_out_null(ret_totals);
		return 0;
	}
	lcores_drop(g);
	rc = answer_key_finish(g->plan->key, ret_totals, err);
	answer_key_free(g->plan->key);
	g->plan->key = NULL;
	return rc;
}
