/* SPDX-License-Identifier: BSD-3-Clause */
#include "output_pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf_dyn.h>

// The file format (draft-ietf-opsawg-pcap), in the byte order of this machine; the magic number
// tells readers both that and the resolution.
#define PCAP_MAGIC_NS 0xa1b23c4du
#define PCAP_VERSION_MAJOR 2
#define PCAP_VERSION_MINOR 4
#define PCAP_SNAPLEN 262144
#define LINKTYPE_ETHERNET 1

#define BUFFER_BYTES (1u << 20)
#define NS_PER_S_U64 UINT64_C(1000000000)

struct pcap_file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t reserved[2];
	uint32_t snaplen;
	uint32_t linktype;
};

struct pcap_record_header {
	uint32_t seconds;
	uint32_t nanoseconds;
	uint32_t captured;
	uint32_t on_wire;
};

struct output_pcap {
	FILE *file;
	char *path;
	uint64_t last_ns;
	uint64_t base_ns;  // where packet time 0 is
	uint64_t packets;  // written by the sender, read by any thread
	uint64_t bytes;
	int stamp_offset;  // of the packet time in the mbuf
	int write_errno;
};

static void
out_write(struct output_pcap *o, const void *data, size_t bytes)
{
	if (o->write_errno == 0 && fwrite(data, 1, bytes, o->file) != bytes)
		o->write_errno = errno != 0 ? errno : EIO;
}

struct output_pcap *
output_pcap_create(const char *path, struct error *err)
{
	const struct pcap_file_header header = {PCAP_MAGIC_NS, PCAP_VERSION_MAJOR,
		PCAP_VERSION_MINOR, {0, 0}, PCAP_SNAPLEN, LINKTYPE_ETHERNET};
	struct output_pcap *o = calloc(1, sizeof(*o));

	if (o == NULL || (o->path = strdup(path)) == NULL) {
		error_set(err, -ENOMEM, "no memory for the capture file");
		goto fail;
	}
	if (rte_mbuf_dyn_rx_timestamp_register(&o->stamp_offset, NULL) != 0) {
		error_set(err, -rte_errno, "no room in packets for their time: %s",
			rte_strerror(rte_errno));
		goto fail;
	}
	o->file = fopen(path, "we");
	if (o->file == NULL) {
		error_field(err, -errno, "--pcap", "--pcap: cannot write %s: %s", path,
			strerror(errno));
		goto fail;
	}
	setvbuf(o->file, NULL, _IOFBF, BUFFER_BYTES);
	out_write(o, &header, sizeof(header));
	return o;
fail:
	if (o != NULL)
		free(o->path);
	free(o);
	return NULL;
}

uint16_t
output_pcap_send(void *output, struct rte_mbuf **packets, uint16_t n)
{
	struct output_pcap *o = output;
	uint64_t bytes = o->bytes;

	for (uint16_t i = 0; i < n; i++) {
		uint64_t ns = o->base_ns + *RTE_MBUF_DYNFIELD(packets[i], o->stamp_offset,
			rte_mbuf_timestamp_t *);
		struct pcap_record_header r = {
			.seconds = (uint32_t)(OUTPUT_PCAP_START_S + ns / NS_PER_S_U64),
			.nanoseconds = (uint32_t)(ns % NS_PER_S_U64),
			.captured = packets[i]->data_len,
			.on_wire = packets[i]->pkt_len,
		};

		o->last_ns = ns;
		out_write(o, &r, sizeof(r));
		out_write(o, rte_pktmbuf_mtod(packets[i], void *), r.captured);
		bytes += r.on_wire;
	}
	__atomic_store_n(&o->packets, o->packets + n, __ATOMIC_RELAXED);
	__atomic_store_n(&o->bytes, bytes, __ATOMIC_RELAXED);
	rte_pktmbuf_free_bulk(packets, n);
	return n;
}

uint64_t
output_pcap_last_ns(const struct output_pcap *o)
{
	return o->last_ns;
}

void
output_pcap_continue(struct output_pcap *o, uint64_t gap_ns)
{
	if (o->packets > 0)
		o->base_ns = o->last_ns + gap_ns;
}

void
output_pcap_counts(const struct output_pcap *o, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	*ret_packets = __atomic_load_n(&o->packets, __ATOMIC_RELAXED);
	*ret_bytes = __atomic_load_n(&o->bytes, __ATOMIC_RELAXED);
}

int
output_pcap_close(struct output_pcap *o, struct error *err)
{
	int rc = o->write_errno;

	errno = 0;
	if (fclose(o->file) != 0 && rc == 0)
		rc = errno != 0 ? errno : EIO;
	if (rc != 0)
		error_field(err, -rc, "--pcap", "--pcap: cannot write %s: %s", o->path,
			strerror(rc));
	free(o->path);
	free(o);
	return -rc;
}
