/* SPDX-License-Identifier: BSD-3-Clause */
// rte_bpf_convert() is marked experimental in DPDK 22.11 and is the only such call in Weir: see
// docs/adr/0013.
#define ALLOW_EXPERIMENTAL_API

#include "query/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>
#include <rte_bpf.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "packet/packet.h"
#include "query/filter_program.h"

#define SNAP_BYTES 262144

struct program {
	struct rte_bpf *bpf;           // NULL: nothing passes
	uint64_t (*native)(void *m);  // NULL: the interpreter runs it
};

// Link types that packet_parse() decodes; the first one is that of ports.
static const struct {
	uint32_t linktype;
	int dlt;
} links[] = {
	{LINKTYPE_ETHERNET, DLT_EN10MB},
	{LINKTYPE_NULL, DLT_NULL},
	{LINKTYPE_RAW_BSD, DLT_RAW},
	{LINKTYPE_RAW_OPENBSD, DLT_RAW},
	{LINKTYPE_RAW, DLT_RAW},
	{LINKTYPE_LOOP, DLT_LOOP},
	{LINKTYPE_LINUX_SLL, DLT_LINUX_SLL},
	{LINKTYPE_IPV4, DLT_IPV4},
	{LINKTYPE_IPV6, DLT_IPV6},
	{LINKTYPE_LINUX_SLL2, DLT_LINUX_SLL2},
};

struct filter {
	uint32_t references;
	char *text;
	bool by_key;
	struct program program[RTE_DIM(links)];
};

/*
 * The x86 JIT of DPDK 22.11 emits an eight-bit operand for a JSET whose immediate fits one, and the
 * instruction it belongs to reads four: what follows is executed out of step and crashes
 * (tcp[tcpflags] & tcp-syn != 0). Such programs are left to the interpreter.
 */
static bool
jit_is_safe(const struct rte_bpf_prm *prm)
{
	for (uint32_t i = 0; i < prm->nb_ins; i++) {
		const struct ebpf_insn *in = &prm->ins[i];

		if (in->code == (BPF_JMP | BPF_JSET | BPF_K) && in->imm >= INT8_MIN &&
				in->imm <= INT8_MAX)
			return false;
	}
	return true;
}

/*
 * rte_bpf_convert() of DPDK 22.11 forgets the index register of indexed loads: ldb [x + 27] becomes
 * ldb [r0 + 27], so tcp[13], udp[4:2] or icmp[0] read at an offset from whatever the accumulator
 * held. It keeps X in r7, as the clearing of it at the start of each program shows.
 */
static void
indexed_loads_mend(struct rte_bpf_prm *prm)
{
	struct ebpf_insn *ins = (struct ebpf_insn *)(uintptr_t)prm->ins;

	for (uint32_t i = 0; i < prm->nb_ins; i++)
		if (BPF_CLASS(ins[i].code) == BPF_LD && BPF_MODE(ins[i].code) == BPF_IND)
			ins[i].src_reg = EBPF_REG_7;
}

static int
program_load(struct program *p, const struct bpf_program *classic, struct error *err)
{
	struct rte_bpf_prm *prm = rte_bpf_convert(classic);
	struct rte_bpf_jit jit = {0};

	if (prm == NULL)
		return error_set(err, -rte_errno, "it cannot be converted: %s",
			rte_strerror(rte_errno));
	indexed_loads_mend(prm);
	p->bpf = rte_bpf_load(prm);
	if (p->bpf != NULL && jit_is_safe(prm) && rte_bpf_get_jit(p->bpf, &jit) == 0)
		p->native = jit.func;
	rte_free(prm);
	return p->bpf != NULL ? 0 : error_set(err, -rte_errno, "it cannot be loaded: %s",
		rte_strerror(rte_errno));
}

static int
program_compile(struct program *p, const char *text, int dlt, bool load, bool *ret_by_key,
	struct error *err)
{
	pcap_t *pcap = pcap_open_dead(dlt, SNAP_BYTES);
	struct bpf_program classic;
	int rc;

	if (pcap == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	if (pcap_compile(pcap, &classic, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		rc = error_set(err, -EINVAL, "%s", pcap_geterr(pcap));
	} else {
		*ret_by_key = filter_program_by_key(&classic);
		rc = load ? program_load(p, &classic, err) : 0;
		pcap_freecode(&classic);
	}
	pcap_close(pcap);
	return rc;
}

// What is wrong on Ethernet is wrong; on other link types it is a filter that nothing passes.
static int
programs_compile(struct filter *f, enum filter_mode mode, struct error *err)
{
	int rc = program_compile(&f->program[0], f->text, links[0].dlt, mode != FILTER_CHECK,
		&f->by_key, err);
	bool ignored;

	for (unsigned int i = 1; i < RTE_DIM(links) && mode == FILTER_LINKS && rc == 0; i++) {
		rc = program_compile(&f->program[i], f->text, links[i].dlt, true, &ignored,
			err);
		if (rc == -EINVAL)
			rc = 0;
	}
	return rc;
}

struct filter *
filter_create(const char *text, enum filter_mode mode, struct error *err)
{
	struct filter *f;
	int rc = filter_words_check(text, err);

	if (rc != 0)
		goto fail;
	f = calloc(1, sizeof(*f));
	if (f != NULL)
		f->text = strdup(text);
	if (f == NULL || f->text == NULL) {
		free(f);
		rc = error_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	f->references = 1;
	rc = programs_compile(f, mode, err);
	f->by_key |= filter_text_by_key(text);
	if (rc == 0)
		return f;
	filter_put(f);
fail:
	errno = -rc;
	return NULL;
}

struct filter *
filter_get(struct filter *f)
{
	f->references++;
	return f;
}

void
filter_put(struct filter *f)
{
	if (f == NULL || --f->references > 0)
		return;
	for (unsigned int i = 0; i < RTE_DIM(links); i++)
		rte_bpf_destroy(f->program[i].bpf);
	free(f->text);
	free(f);
}

const char *
filter_text(const struct filter *f)
{
	return f->text;
}

bool
filter_by_key(const struct filter *f)
{
	return f->by_key;
}

bool
filter_is_native(const struct filter *f)
{
	return f->program[0].native != NULL;
}

bool
filter_match(const struct filter *f, uint32_t linktype, const struct rte_mbuf *m)
{
	void *arg = (void *)(uintptr_t)m;
	unsigned int i = 0;

	while (i < RTE_DIM(links) && links[i].linktype != linktype)
		i++;
	if (i == RTE_DIM(links) || f->program[i].bpf == NULL)
		return false;
	return (f->program[i].native != NULL ? f->program[i].native(arg) :
		rte_bpf_exec(f->program[i].bpf, arg)) != 0;
}
