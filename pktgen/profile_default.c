/* SPDX-License-Identifier: BSD-3-Clause */
#include "generator.h"

// What `weir --demo` starts with: a site of a few busy servers and 4000 hosts, in which each of the
// six built-in queries has something to say. Two addresses and three protocols have more than 10
// percent, a handful stand out by two standard deviations, and the flows are skewed just so much
// that no peer comes near the servers.
static const char default_profile[] =
	"{\"rate_pps\": 1000000, \"seed\": 1, \"flows\": 50000,\n"
	" \"popularity\": {\"type\": \"zipf\", \"s\": 0.8},\n"
	" \"addresses\": [\"53.215.218.189\", \"53.215.218.10\", \"53.215.218.25\",\n"
	"  \"53.215.218.53\", \"53.215.219.80\", \"53.215.219.81\", \"53.215.219.82\",\n"
	"  \"53.215.220.5\", \"53.215.220.6\", \"53.215.220.7\", \"53.215.220.8\",\n"
	"  \"53.215.221.100\", \"53.215.221.101\", \"53.215.221.102\", \"53.215.222.1\",\n"
	"  \"53.215.222.2\",\n"
	"  {\"net4\": \"10.0.0.0/16\", \"count\": 4000}],\n"
	" \"address_weights\": [16, 12, 8, 6, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1.2, 1, 0.8, 0.5,\n"
	"  28.5],\n"
	" \"protocols\": [\"HTTPS\", \"DNS\", \"QUIC\", \"HTTP\", \"SMB\", \"NFS\", \"SSH\",\n"
	"  \"NTP\", \"SMTP\", \"IMAP\", \"LDAP\", \"SNMP\", \"syslog\", \"ICMP\", \"SIP\",\n"
	"  \"RDP\", \"MySQL\", \"PostgreSQL\", \"Kafka\", \"MQTT\", \"Telnet\",\n"
	"  \"TFTP\", \"TCP\", \"UDP\"],\n"
	" \"protocol_weights\": [36, 14, 11, 7, 5, 4, 3, 2.5, 2, 1.5, 1.5, 1.2, 1.2, 1.1,\n"
	"  1, 1, 1, 0.8, 0.8, 0.7, 0.2, 0.2, 2, 1.3],\n"
	" \"size\": {\"type\": \"imix\"}}";

const char *
generator_default_profile(void)
{
	return default_profile;
}
