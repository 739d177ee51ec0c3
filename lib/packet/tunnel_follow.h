/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PACKET_TUNNEL_FOLLOW_H
#define WEIR_PACKET_TUNNEL_FOLLOW_H

#include "packet/network.h"

// Tunnels one in another that are followed; what is deeper is a flow of its tunnel.
#define TUNNEL_DEPTH_MAX 4

/*
 * Replace the packet in *meta, whose transport is *t, by the one that it carries, as long as it
 * carries one. A payload that does not hold together (a header that is cut off or contradicts
 * itself, no IP in it, more VLAN tags than a tunnel's key has room for) changes nothing: the packet
 * stays in the flow of the tunnel, so none is ever lost here. So do later fragments of a tunnel's
 * packets.
 *
 * Filled in when there was a tunnel: meta->tunnel, and key.tunnel with the network's id. That is
 * the id of the innermost tunnel that has one which both directions use. Ids that the receiver chose
 * for one direction (TEIDs, calls and sessions of PPTP and L2TP) would tear flows in two and are
 * only in meta->tunnel.
 */
void tunnel_follow(const struct view *v, const struct transport *t, struct packet_meta *meta);

#endif
