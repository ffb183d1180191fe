/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-CTR ahead of time gives what OpenSSL's own gives, for pieces of any size. */
#include "ssh/keystream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#ifdef HAVE_CRYPTO_PROVIDER
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#define BYTES 100000

static unsigned char plain[BYTES], want[BYTES], got[BYTES];

/* Its count of blocks runs over within the test. */
static const unsigned char first[16] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 16 };

/* As libssh2 does: begin, then one call for each piece. */
static EVP_CIPHER_CTX *begin(int encrypt)
{
	unsigned char key[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)(i * 7 + 1);
	assert_int_equal(EVP_CipherInit(ctx, EVP_aes_128_ctr(), key, first, encrypt), 1);
	return ctx;
}

static const char *provider_of(const EVP_CIPHER_CTX *ctx)
{
	return OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(EVP_CIPHER_CTX_get0_cipher(ctx)));
}

static void test_same_bytes(void **state)
{
	EVP_CIPHER_CTX *ctx;
	int n = 0;

	(void)state;
	for (size_t i = 0; i < BYTES; i++)
		plain[i] = (unsigned char)(i * i >> 3);
	keystream_remove();
	ctx = begin(1);
	assert_string_equal(provider_of(ctx), "default");
	assert_int_equal(EVP_EncryptUpdate(ctx, want, &n, plain, BYTES), 1);
	EVP_CIPHER_CTX_free(ctx);
	assert_true(keystream_install());
	for (unsigned most = 1; most <= 40000; most = most * 5 + 11) {
		memcpy(got, plain, BYTES);
		ctx = begin(most & 1);
		assert_string_equal(provider_of(ctx), "pferry");
		assert_int_equal(EVP_CIPHER_CTX_get_block_size(ctx), 1);
		assert_int_equal(EVP_CIPHER_CTX_get_key_length(ctx), 16);
		for (size_t at = 0, size; at < BYTES; at += size) {
			size = most == 16 ? 16 : (size_t)(rand() % (int)most) + 1;
			if (size > BYTES - at)
				size = BYTES - at;
			assert_int_equal(EVP_Cipher(ctx, got + at, got + at, (unsigned)size), size);
		}
		assert_memory_equal(got, want, BYTES);
		/* From the start again, with the key that it has. */
		assert_int_equal(EVP_CipherInit_ex(ctx, NULL, NULL, NULL, first, -1), 1);
		assert_int_equal(EVP_Cipher(ctx, got, plain, 100), 100);
		assert_memory_equal(got, want, 100);
		EVP_CIPHER_CTX_free(ctx);
	}
	keystream_remove();
}

/* What is not ours is still had, twice is as good as once. */
static void test_others(void **state)
{
	unsigned char out[64];
	unsigned len = 0;

	(void)state;
	assert_true(keystream_install());
	assert_true(keystream_install());
	assert_int_equal(EVP_Digest("x", 1, out, &len, EVP_sha256(), NULL), 1);
	assert_int_equal(len, 32);
	keystream_remove();
	keystream_remove();
}
#endif

int main(void)
{
#ifdef HAVE_CRYPTO_PROVIDER
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
#else
	return 0;
#endif
}
