// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

// keyedSecrets are values that are recognized only by their keys.
func keyedSecrets() []Secret {
	list := []Secret{
		keyed("password of one word", "password", "hunter7Qx"),
		keyed("password with punctuation", "password", "kX7q@zq5R:9vTn/b4Wm&y2Lq"),
		keyed("password with quotes", "password", `q7Rt"w9Lk'p3Vz`),
		keyed("password with letters of Europe", "password", "pässwört9ß-übergröße"),
		keyed("password that begins with a mark", "password", "!Zk42vvQm"),
		keyed("passphrase of several words", "passphrase", "open sesame7 blue elephant"),
		keyed("passphrase of words that programs say", "passphrase", "the default was unset7QxZwKpVb before", "unset7QxZwKpVb"),
		keyed("password of words that programs say", "password", "any string must7QxZwKpVbN match", "must7QxZwKpVbN"),
		keyed("passphrase with an apostrophe", "passphrase", "don't tell9 anybody"),
		keyed("passcode", "passcode", "739104"),
		keyed("PIN", "pin", "739126"),
		keyed("one-time password", "otp", "482913"),
		keyed("CVV", "cvv", "7391"),
		keyed("CVC", "card_cvc", "7392"),
		keyed("social security number", "ssn", "078-05-1120", "078-05-1120"),
		keyed("IBAN", "iban", "DE89370400440532013000"),
		keyed("IBAN with spaces", "iban", "DE89 3704 0044 0532 0130 00"),
		keyed("card number of no issuer", "card_number", "1234567898765412"),
		keyed("phone number of digits only", "phone", "4155550199"),
		keyed("phone number of the caller", "caller_id", "4155550198"),
		keyed("phone number in a field of three words", "callerPhoneNumber", "4155550197"),
		keyed("e-mail address that is none", "email", "grace at navy9mail"),
		keyed("AWS secret", "AWS_SECRET_ACCESS_KEY", gen("aws", letters, 17)+"/"+gen("aws2", letters, 10)+"+"+gen("aws3", letters, 11)),
		keyed("Azure Speech key", "Ocp-Apim-Subscription-Key", gen("azure speech", hexDigits, 32)),
		keyed("Azure storage key", "AccountKey", gen("azure storage", letters, 43)+"/"+gen("azure storage2", letters, 42)+"=="),
		keyed("Azure service bus key", "SharedAccessKey", gen("azure bus", letters, 43)+"="),
		keyed("Azure AD client secret", "client_secret", gen("azure ad", letters, 3)+"8Q~"+gen("azure ad2", letters, 31)),
		keyed("Twilio auth token", "TWILIO_AUTH_TOKEN", gen("twilio", hexDigits, 32)),
		keyed("auth token", "authToken", gen("auth token", hexDigits, 32)),
		keyed("LiveKit API secret", "LIVEKIT_API_SECRET", gen("livekit", letters, 43)),
		keyed("API secret", "api_secret", gen("api secret", letters, 30)),
		keyed("Deepgram key", "DEEPGRAM_API_KEY", gen("deepgram", hexDigits, 40)),
		keyed("ElevenLabs key", "xi-api-key", gen("elevenlabs", hexDigits, 32)),
		keyed("Cartesia key", "X-API-Key", gen("cartesia", letters, 24)),
		keyed("Google API key without its prefix", "x-goog-api-key", gen("google", letters, 30)),
		keyed("API key in camel case", "apiKey", gen("camel", letters, 20)),
		keyed("access token", "access_token", gen("access", letters, 24)),
		keyed("refresh token", "refreshToken", gen("refresh", letters, 24)),
		keyed("id token", "id_token", gen("id", letters, 24)),
		keyed("session token", "session_token", gen("session", letters, 24)),
		keyed("CSRF token", "X-CSRF-Token", gen("csrf", letters, 24)),
		keyed("bot token", "BOT_TOKEN", gen("bot", letters, 24)),
		keyed("AWS session token", "X-Amz-Security-Token", gen("amz", letters, 40)),
		keyed("Vault token", "X-Vault-Token", gen("vault", letters, 24)),
		keyed("token", "token", gen("token", letters, 24)),
		keyed("token that looks like a UUID", "token", "3f2b8a61-77c4-4d1e-9b0a-5c6d7e8f9a0b", "3f2b8a61", "5c6d7e8f9a0b"),
		keyed("token of four letters", "token", "qZx8"),
		keyed("JWT of no form", "jwt", gen("jwt", letters, 24)),
		keyed("database password", "DB_PASS", gen("db", letters, 12)),
		keyed("database password in camel case", "dbPassword", gen("db2", letters, 12)),
		keyed("password of the shell", "PGPASSWORD", gen("pg", letters, 12)),
		keyed("pwd", "pwd", gen("pwd", letters, 12)),
		keyed("private key of no form", "private_key", gen("private", letters, 24)),
		keyed("signing key", "signingKey", gen("signing", letters, 24)),
		keyed("encryption key", "encryption-key", gen("encryption", letters, 24)),
		keyed("webhook secret", "webhook_secret", gen("webhook", letters, 24)),
		keyed("secret key base", "SECRET_KEY_BASE", gen("rails", hexDigits, 64)),
		keyed("credentials", "credentials", gen("credentials", letters, 24)),
	}
	return list
}

// headerSecrets are headers whose values have a special form.
func headerSecrets() []Secret {
	one := func(name, key, before, value, after string) Secret {
		return keyed(name, key, before+value+after, value)
	}
	body := func(name string) string { return gen(name, letters, 28) }
	return []Secret{
		one("Bearer", "Authorization", "Bearer ", body("bearer"), ""),
		one("Bearer in lower case", "authorization", "bearer ", body("bearer lower"), ""),
		one("Bearer with two spaces", "Authorization", "Bearer  ", body("bearer spaces"), ""),
		one("Bearer with a tab", "Authorization", "Bearer\t", body("bearer tab"), ""),
		one("Bearer with letters only", "Authorization", "Bearer ", "qwertzuiopasdfghjklyx", ""),
		one("Token of Deepgram", "Authorization", "Token ", gen("deepgram header", hexDigits, 40), ""),
		one("Basic of Twilio", "Authorization", "Basic ", body("twilio basic"), "=="),
		one("Negotiate", "Authorization", "Negotiate ", body("negotiate"), "=="),
		one("NTLM", "Proxy-Authorization", "NTLM ", body("ntlm"), "=="),
		one("Digest", "Authorization", `Digest username="ada", realm="pbx", nonce="77", uri="/x", response="`, gen("digest", hexDigits, 32), `", qop=auth`),
		one("AWS signature", "Authorization", "AWS4-HMAC-SHA256 Credential=AK/20261123/eu-west-1/polly/aws4_request, SignedHeaders=host;x-amz-date, Signature=",
			gen("aws4", hexDigits, 64), ""),
		one("ApiKey", "Authorization", "ApiKey ", body("apikey"), ""),
		one("Key", "Authorization", "Key ", body("key"), ""),
		one("HMAC", "Authorization", "HMAC-SHA256 SignedHeaders=x-ms-date;host&Signature=", body("hmac"), "="),
		one("AssemblyAI without a scheme", "authorization", "", gen("assemblyai", hexDigits, 32), ""),
		one("session cookie", "Cookie", "session=", body("cookie"), ""),
		one("second cookie", "Cookie", "theme=dark; session=", body("cookie2"), "; lang=en"),
		one("cookie of an unusual name", "Cookie", "a=1; b=2; xyz=", body("cookie3"), ""),
		one("set cookie", "Set-Cookie", "sid=", body("cookie4"), "; Path=/; HttpOnly"),
	}
}
