/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/keystream.h"

#ifdef HAVE_CRYPTO_PROVIDER

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "base/mem.h"

#define NAME "pferry"
/* What wire.c offers first.  Not AES-256: OpenSSL's random numbers are made with that. */
#define CIPHER "AES-128-CTR"
#define KEY 16
#define PIECE 16
/* At once; a packet has up to 32 KiB. */
#define AHEAD 8192

struct keystream {
	EVP_CIPHER_CTX *aes;
	size_t at; /* in `ahead`; AHEAD: none is left */
	unsigned char ahead[AHEAD];
};

static const unsigned char zeros[AHEAD];
static OSSL_PROVIDER *installed;

static void *keystream_new(void *provider)
{
	struct keystream *k = mem_new(struct keystream);

	(void)provider;
	k->at = AHEAD;
	k->aes = EVP_CIPHER_CTX_new();
	if (k->aes)
		return k;
	free(k);
	return NULL;
}

static void keystream_free(void *ctx)
{
	struct keystream *k = ctx;

	if (!k)
		return;
	EVP_CIPHER_CTX_free(k->aes);
	mem_wipe(k, sizeof *k);
	free(k);
}

/* Encrypting and decrypting are the same. */
static int begin(void *ctx, const unsigned char *key, size_t key_len, const unsigned char *iv, size_t iv_len,
		 const OSSL_PARAM params[])
{
	struct keystream *k = ctx;
	EVP_CIPHER *aes = NULL;
	int ok;

	(void)params;
	if ((key && key_len != KEY) || (iv && iv_len != PIECE))
		return 0;
	k->at = AHEAD;
	/* Without a key, the last one stays. */
	if (!EVP_CIPHER_CTX_get0_cipher(k->aes) && !(aes = EVP_CIPHER_fetch(NULL, CIPHER, "provider!=" NAME)))
		return 0;
	ok = EVP_EncryptInit_ex2(k->aes, aes, key, iv, NULL);
	EVP_CIPHER_free(aes);
	return ok;
}

static int refill(struct keystream *k)
{
	int n = 0;

	if (!EVP_EncryptUpdate(k->aes, k->ahead, &n, zeros, AHEAD) || n != AHEAD)
		return 0;
	k->at = 0;
	return 1;
}

static void add_16(unsigned char *out, const unsigned char *in, const unsigned char *key)
{
	uint64_t a[2], b[2];

	memcpy(a, in, sizeof a);
	memcpy(b, key, sizeof b);
	a[0] ^= b[0];
	a[1] ^= b[1];
	memcpy(out, a, sizeof a);
}

static int update(void *ctx, unsigned char *out, size_t *out_len, size_t room, const unsigned char *in, size_t len)
{
	struct keystream *k = ctx;
	size_t done = 0;

	if (room < len)
		return 0;
	while (done < len) {
		if (k->at == AHEAD && !refill(k))
			return 0;
		if (len - done >= PIECE && AHEAD - k->at >= PIECE) {
			add_16(out + done, in + done, k->ahead + k->at);
			done += PIECE;
			k->at += PIECE;
		} else {
			out[done] = in[done] ^ k->ahead[k->at++];
			done++;
		}
	}
	*out_len = len;
	return 1;
}

static int finish(void *ctx, unsigned char *out, size_t *out_len, size_t room)
{
	(void)ctx;
	(void)out;
	(void)room;
	*out_len = 0;
	return 1;
}

static int describe(OSSL_PARAM params[])
{
	OSSL_PARAM *p;

	return (!(p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_MODE)) || OSSL_PARAM_set_uint(p, EVP_CIPH_CTR_MODE)) &&
	       (!(p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_KEYLEN)) || OSSL_PARAM_set_size_t(p, KEY)) &&
	       (!(p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_BLOCK_SIZE)) || OSSL_PARAM_set_size_t(p, 1)) &&
	       (!(p = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_IVLEN)) || OSSL_PARAM_set_size_t(p, PIECE));
}

static int describe_ctx(void *ctx, OSSL_PARAM params[])
{
	(void)ctx;
	return describe(params);
}

typedef void (*function)(void);

static const OSSL_DISPATCH functions[] = {
	{ OSSL_FUNC_CIPHER_NEWCTX, (function)keystream_new },
	{ OSSL_FUNC_CIPHER_FREECTX, (function)keystream_free },
	{ OSSL_FUNC_CIPHER_ENCRYPT_INIT, (function)begin },
	{ OSSL_FUNC_CIPHER_DECRYPT_INIT, (function)begin },
	{ OSSL_FUNC_CIPHER_UPDATE, (function)update },
	{ OSSL_FUNC_CIPHER_FINAL, (function)finish },
	{ OSSL_FUNC_CIPHER_CIPHER, (function)update },
	{ OSSL_FUNC_CIPHER_GET_PARAMS, (function)describe },
	{ OSSL_FUNC_CIPHER_GET_CTX_PARAMS, (function)describe_ctx },
	{ 0, NULL },
};
static const OSSL_ALGORITHM ciphers[] = {
	{ CIPHER, "provider=" NAME, functions, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
	(void)provider;
	*no_cache = 0;
	return operation == OSSL_OP_CIPHER ? ciphers : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (function)query },
	{ 0, NULL },
};

static int provide(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provider)
{
	(void)in;
	*out = provider_functions;
	*provider = (void *)(uintptr_t)handle;
	return 1;
}

bool keystream_install(void)
{
	if (installed)
		return true;
	/* Where rules say whose ciphers are used, they stay. */
	if (EVP_default_properties_is_fips_enabled(NULL))
		return false;
	if (!OSSL_PROVIDER_add_builtin(NULL, NAME, provide))
		return false;
	/* What openssl.cnf says of other providers still holds. */
	installed = OSSL_PROVIDER_try_load(NULL, NAME, 1);
	return installed && EVP_set_default_properties(NULL, "?provider=" NAME);
}

void keystream_remove(void)
{
	if (!installed)
		return;
	EVP_set_default_properties(NULL, "");
	OSSL_PROVIDER_unload(installed);
	installed = NULL;
}

#else

bool keystream_install(void)
{
	return false;
}

void keystream_remove(void)
{
}

#endif
