/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "encap.h"
#include "fields.h"

// `encapsulation`: a list of layers, outermost first.

// The ends of tunnels: TEST-NET-2 (RFC 5737).
#define TUNNEL_SRC "198.51.100.1"
#define TUNNEL_DST "198.51.100.2"
#define VLANS_MAX 2

static const char *const types[] = {"vlan", "mpls", "gre", "vxlan", NULL};

static const struct {
	const char *id;         // the field that numbers it; NULL: none
	double min, max;
	const char *fields[5];
} layers[] = {
	[ENCAP_VLAN] = {"id", 1, 4094, {"type", "id", NULL}},
	[ENCAP_MPLS] = {"label", 16, (1 << 20) - 1, {"type", "label", NULL}},  // 0 to 15 are special
	[ENCAP_GRE] = {NULL, 0, 0, {"type", "src", "dst", NULL}},
	[ENCAP_VXLAN] = {"vni", 0, (1 << 24) - 1, {"type", "vni", "src", "dst", NULL}},
};

static bool
layer_is_tunnel(const struct encap_layer *l)
{
	return l->type == ENCAP_GRE || l->type == ENCAP_VXLAN;
}

static int
end_read(const cJSON *item, const char *path, const char *name, const char *preset,
	struct address *ret, struct error *err)
{
	char text[ADDRESS_TEXT_LEN], end_path[FIELD_PATH_LEN];
	const cJSON *end = field_item(item, name);

	address_parse(preset, ret);
	if (end == NULL)
		return 0;
	if (field_text(item, path, name, text, sizeof(text), NULL) != 0 ||
			address_parse(text, ret) != 0 || ret->version != 4)
		return field_wrong(err, field_path(end_path, path, name), end, "an IPv4 address");
	return 0;
}

static int
layer_read(struct encap_layer *l, const cJSON *item, const char *path, struct error *err)
{
	char member_path[FIELD_PATH_LEN];
	unsigned int type = 0;
	double id = 0;
	int rc;

	if (!cJSON_IsObject(item) || field_item(item, "type") == NULL)
		return field_wrong(err, cJSON_IsObject(item) ?
			field_path(member_path, path, "type") : path, NULL,
			"\"vlan\", \"mpls\", \"gre\" or \"vxlan\" as the type of an object");
	rc = field_choice(item, path, "type", types, &type, err);
	l->type = (enum encap_type)type;
	if (rc == 0)
		rc = fields_check(item, path, layers[type].fields, err);
	if (rc == 0 && layers[type].id != NULL)
		rc = field_number_required(item, path, layers[type].id, layers[type].min,
			layers[type].max, &id, err);
	if (rc == 0 && id != (uint32_t)id)
		rc = field_wrong(err, field_path(member_path, path, layers[type].id),
			field_item(item, layers[type].id), "a whole number");
	l->id = (uint32_t)id;
	if (rc == 0 && layer_is_tunnel(l))
		rc = end_read(item, path, "src", TUNNEL_SRC, &l->src, err);
	if (rc == 0 && layer_is_tunnel(l))
		rc = end_read(item, path, "dst", TUNNEL_DST, &l->dst, err);
	return rc;
}

// What may stand in what: VLAN tags in Ethernet, labels after them, one tunnel, nothing in GRE.
static int
order_check(const struct encap_spec *s, const cJSON *item, const char *path, struct error *err)
{
	const struct encap_layer *l = &s->layers[s->count], *outer = s->count > 0 ? l - 1 : NULL;
	unsigned int vlans = 0;

	for (const struct encap_layer *i = s->layers; i < l; i++)
		if (layer_is_tunnel(i) && layer_is_tunnel(l))
			return field_wrong(err, path, item, "at most one tunnel");
	if (outer == NULL)
		return 0;
	if (outer->type == ENCAP_GRE)
		return field_wrong(err, path, item, "no further layer inside gre");
	if (l->type != ENCAP_VLAN)
		return 0;
	if (outer->type == ENCAP_MPLS)
		return field_wrong(err, path, item, "no vlan inside mpls");
	for (; outer >= s->layers && outer->type == ENCAP_VLAN; outer--)
		vlans++;
	if (vlans >= VLANS_MAX)
		return field_wrong(err, path, item, "at most %u vlans one in another", VLANS_MAX);
	return 0;
}

int
encap_read(struct encap_spec *inout, const cJSON *json, struct error *err)
{
	const cJSON *list = field_item(json, "encapsulation"), *item;
	struct encap_spec s = {0};
	char path[FIELD_PATH_LEN];
	int rc;

	if (list == NULL)
		return 0;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > (int)ENCAP_LAYERS_MAX)
		return field_wrong(err, "encapsulation", list, "a list of at most %u layers",
			ENCAP_LAYERS_MAX);
	cJSON_ArrayForEach(item, list) {
		field_path_index(path, "encapsulation", s.count);
		rc = layer_read(&s.layers[s.count], item, path, err);
		if (rc == 0)
			rc = order_check(&s, item, path, err);
		if (rc != 0)
			return rc;
		s.count++;
	}
	*inout = s;
	return 0;
}

cJSON *
encap_json(const struct encap_spec *s)
{
	cJSON *list = cJSON_CreateArray();
	char text[ADDRESS_TEXT_LEN];

	for (uint32_t i = 0; i < s->count; i++) {
		const struct encap_layer *l = &s->layers[i];
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "type", types[l->type]);
		if (layers[l->type].id != NULL)
			cJSON_AddNumberToObject(o, layers[l->type].id, l->id);
		if (layer_is_tunnel(l)) {
			cJSON_AddStringToObject(o, "src", address_format(&l->src, text));
			cJSON_AddStringToObject(o, "dst", address_format(&l->dst, text));
		}
		cJSON_AddItemToArray(list, o);
	}
	return list;
}
