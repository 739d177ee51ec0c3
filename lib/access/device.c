/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/device.h"

#include <string.h>

#define RANDOM_BYTES 16
#define MAC_BYTES 16

static void
device_mac(const struct user *user, const uint8_t random[RANDOM_BYTES], uint8_t ret[MAC_BYTES])
{
	static const char purpose[] = "weir device";
	crypto_generichash_state state;
	uint8_t key[32];

	crypto_generichash(key, sizeof(key), (const unsigned char *)user->password,
		strlen(user->password), NULL, 0);
	crypto_generichash_init(&state, key, sizeof(key), MAC_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)purpose, sizeof(purpose));
	crypto_generichash_update(&state, random, RANDOM_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)user->name, strlen(user->name));
	crypto_generichash_final(&state, ret, MAC_BYTES);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(&state, sizeof(state));
}

void
device_make(const struct user *user, char ret_text[DEVICE_LEN])
{
	uint8_t bytes[RANDOM_BYTES + MAC_BYTES];

	randombytes_buf(bytes, RANDOM_BYTES);
	device_mac(user, bytes, bytes + RANDOM_BYTES);
	sodium_bin2base64(ret_text, DEVICE_LEN, bytes, sizeof(bytes),
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
device_check(const struct user *user, const char *text, struct throttle_key *ret_key)
{
	uint8_t bytes[RANDOM_BYTES + MAC_BYTES], mac[MAC_BYTES];
	size_t len;

	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 || len != sizeof(bytes))
		return false;
	device_mac(user, bytes, mac);
	if (sodium_memcmp(mac, bytes + RANDOM_BYTES, MAC_BYTES) != 0)
		return false;
	crypto_generichash(ret_key->bytes, sizeof(ret_key->bytes), bytes, RANDOM_BYTES, NULL, 0);
	return true;
}
