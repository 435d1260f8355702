// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

// Texts with secrets.
var secrets = []struct{ in, want string }{
	{"mail ada@example.com now", "mail [REDACTED:email] now"},
	{"ada.lovelace+calls@mail.example.co.uk", "[REDACTED:email]"},
	{"<ada@example.com>, bob@example.org", "<[REDACTED:email]>, [REDACTED:email]"},
	{"sip:ada@pbx.example.com;transport=tls", "sip:[REDACTED:email];transport=tls"},
	{"ada@v2.example.com ada@v.net ada@10.0.0.1", "[REDACTED:email] [REDACTED:email] [REDACTED:email]"},
	{"sip:+14155550123@pbx", "sip:[REDACTED:email]"},
	{"call +14155550123", "call [REDACTED:phone]"},
	{"+49 30 901820", "[REDACTED:phone]"},
	{"tel:+44-20-7946-0958.", "tel:[REDACTED:phone]."},
	{"(415) 555-0123", "[REDACTED:phone]"},
	{"415-555-0123", "[REDACTED:phone]"},
	{"415.555.0123", "[REDACTED:phone]"},
	{"1-415-555-0123 or 415 555 0124", "[REDACTED:phone] or [REDACTED:phone]"},
	{"+1 (415) 555-0123", "[REDACTED:phone]"},
	{"card 4111111111111111", "card [REDACTED:card]"},
	{"4111 1111 1111 1111", "[REDACTED:card]"},
	{"5500-0000-0000-0004, thanks", "[REDACTED:card], thanks"},
	{"3782 822463 10005", "[REDACTED:card]"},
	{"my number is 6011000990139424.", "my number is [REDACTED:card]."},
	{"Authorization: Bearer 0123456789abcdef", "Authorization: [REDACTED]"},
	{"sent Bearer abcdefghijklmnopqrst", "sent Bearer [REDACTED:token]"},
	{"bearer abc123", "bearer [REDACTED:token]"},
	{"Basic dXNlcjpwYXNz", "Basic dXNlcjpwYXNz"}, // Twelve letters might be a word.
	{"Basic dXNlcjpwYXNzd29yZA==", "Basic [REDACTED:token]"},
	{"authorization=Basic dXNlcjpwYXNz", "authorization=[REDACTED]"},
	{"key sk-proj-0123456789abcdefghij", "key [REDACTED:api_key]"},
	{"sk_live_0123456789abcdefghij", "[REDACTED:api_key]"},
	{"AKIAIOSFODNN7EXAMPLE", "[REDACTED:api_key]"},
	{"ghp_0123456789abcdefghijklmnopqrstuvwxyz", "[REDACTED:api_key]"},
	{"github_pat_11ABCDEFG0123456789_abc", "[REDACTED:api_key]"},
	{"xoxb-123456789012-abcdefABCDEF", "[REDACTED:api_key]"},
	{"AIzaSyA-0123456789abcdefghijklmnopqrstu", "[REDACTED:api_key]"},
	{"hf_0123456789abcdefgh", "[REDACTED:api_key]"},
	{"gsk_0123456789abcdefgh", "[REDACTED:api_key]"},
	{"glpat-0123456789abcdefghij", "[REDACTED:api_key]"},
	{"token is " + jwt + "!", "token is [REDACTED:token]!"},
	{"password=hunter2", "password=[REDACTED]"},
	{"password: hunter2, user: ada", "password: [REDACTED], user: ada"},
	{`{"password":"hunter 2","user":"ada"}`, `{"password":"[REDACTED]","user":"ada"}`},
	{`{"apiKey": "abc\"def", "n": 1}`, `{"apiKey": "[REDACTED]", "n": 1}`},
	{`"{\"api_key\":\"abc\",\"n\":1}"`, `"{\"api_key\":\"[REDACTED]\",\"n\":1}"`},
	{"{Password:hunter2 Name:ada}", "{Password:[REDACTED] Name:ada}"},
	{"client_secret=abc&grant_type=code", "client_secret=[REDACTED]&grant_type=code"},
	{"https://api.example.com/v1?key=abc&lang=en", "https://api.example.com/v1?key=[REDACTED]&lang=en"},
	{"https://api.example.com/v1?access_token=abc", "https://api.example.com/v1?access_token=[REDACTED]"},
	{"wss://h/?token=abc", "wss://h/?token=[REDACTED]"},
	{"https://ada:hunter2@example.com/x", "https://[REDACTED]@example.com/x"},
	{"postgres://ada:p@ss@db:5432/calls", "postgres://[REDACTED]@db:5432/calls"},
	{"redis://:hunter2@cache:6379", "redis://[REDACTED]@cache:6379"},
	{"Set-Cookie: sid=abc; Path=/", "Set-Cookie: [REDACTED]"},
	{"X-Api-Key: abc", "X-Api-Key: [REDACTED]"},
	{"x-api-key=abc", "x-api-key=[REDACTED]"},
	{"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "AWS_SECRET_ACCESS_KEY=[REDACTED]"},
	{"refresh_token='abc def'", "refresh_token='[REDACTED]'"},
	{"passphrase = open sesame", "passphrase = [REDACTED]"},
	{"phone: 4155550123", "phone: [REDACTED]"},
	{"caller_id=4155550123", "caller_id=[REDACTED]"},
	{"email: ada at example", "email: [REDACTED]"},
	{"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nx", "[REDACTED:private_key]\nx"},
	{"-----BEGIN PRIVATE KEY-----\nMIIB", "[REDACTED:private_key]"},
	{"Post \"https://u:p@h/v1?key=1\": EOF", "Post \"https://[REDACTED]@h/v1?key=[REDACTED]\": EOF"},
	{"dial: api_key=abc: refused", "dial: api_key=[REDACTED]: refused"},
	{"ssn=078-05-1120", "ssn=[REDACTED]"},
	{"cvv: 123", "cvv: [REDACTED]"},
}

// Texts without secrets.
var harmless = []string{
	"", "a", "hello, world", "STT processing completed",
	"550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000", "a1b2c3d4e5f60718",
	"sess_f5e6d7c8b9a0", "req_a1b2c3d4", "turn_000000000003", "call_a1b2c3d4e5f6", "chatcmpl-9738fcbd79843890d71a90bd",
	"CA0123456789abcdef0123456789abcdef", "room-4111", "order 4111", "order-42",
	"2024-01-01T12:00:00.000Z", "2026-11-23 11:45:00", "2026-11-23 11:45:00.123456 +0000 UTC", "Mon, 23 Nov 2026 11:45:00 GMT",
	"1704110400000", "1704110400000000000", "1704110400.123456", "took 1.234567890s", "12345678", "1234567890123",
	"127.0.0.1:4318", "192.168.100.200", "10.0.0.1:41545->10.0.0.2:4318", "[::1]:4317", "fe80::1", "00:1b:44:11:3a:b7",
	"v1.47.0", "1.26.8", "gpt-4o-mini-2024-07-18", "claude-3-5-sonnet-20241022", "whisper-1", "sonic-3", "tts-1-hd",
	"go1.26 linux/amd64", "/app/stt/whisper.go:145", "main.(*Whisper).Transcribe", "C:\\agent\\main.go",
	"goroutine 1 [running]:\nmain.run(0xc000123456, 0x1)\n\t/app/main.go:38 +0x1d",
	"dial tcp 127.0.0.1:4318: connect: connection refused", "context deadline exceeded", "unexpected status 503: overloaded",
	"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
	"1920x1080", "$1234567890", "3.14159265358979", "1e+14155550123", "page 1234 5678", "4111111111111112", "0000 0000 0000 0000",
	"max_tokens=4096", "input_tokens: 412", "token_count=3", "token_type=bearer", "time_to_first_token=0.3", "author: Ada", "tokens: 12",
	"authority=example.com", "key=value", "monkey=banana", "status: ok", "level=INFO msg=ready", "ratio 16:9", "at 10:30: done",
	"https://api.example.com/v1/audio/speech?model=tts-1", "https://example.com/@ada", "@ada", "a @ b", "user@host", "git@github",
	"/go/pkg/mod/github.com/pion/ice/v4@v4.0.12/agent.go:582", "example.com/m@v0.0.0-20240101000000-abcdefabcdef",
	"basic training", "Bearer of news", "the bearer arrived", "Basic authentication failed", "sk-learn is a library", "AKIA", "eyJ", "hf_model",
	"-----BEGIN CERTIFICATE-----\nMIIB", "session.id=sess_f5e6d7c8b9a0", "user_id=user_123", "Grüezi, 世界", "a\xffb",
	"passwords are secret", "the token expired", "cookie banner shown", "table for 2 at 19:30", "room 415 555", "0800 123",
}

func TestSecretsAreRemoved(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range secrets {
		if got := r.String(tt.in); got != tt.want {
			t.Errorf("%q\ngot  %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

func TestOtherTextStays(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, text := range harmless {
		if got := r.String(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestKeys(t *testing.T) {
	r := redact.New(append(redact.Default(), redact.Keys("patient_id", "room9"))...)
	for key, secret := range map[attribute.Key]bool{
		"password": true, "db_password": true, "dbPassword": true, "DBPASSWORD": true, "user.password": true, "passwd": true,
		"http.request.header.authorization": true, "http.request.header.x-api-key": true, "X-Api-Key": true, "apiKey": true, "api_key": true,
		"cookie": true, "set-cookie": true, "token": true, "auth.token": true, "access_token": true, "accessToken": true, "id_token": true,
		"client_secret": true, "aws.secret_access_key": true, "private_key": true, "jwt": true, "phone": true, "sip.phoneNumber": true,
		"caller_phone": true, "email": true, "userEmail": true, "ssn": true, "user.ssn": true,
		"patient_id": true, "PatientID": true, "x-patient-id": true, "room9": true,
		"gen_ai.usage.input_tokens": false, "gen_ai.usage.output_tokens": false, "max_tokens": false, "token_count": false, "token_type": false,
		"voice.llm.time_to_first_token": false, "session.id": false, "author": false, "authority": false, "key": false, "monkey": false,
		"user.id": false, "lessn": false, "microphone": false, "headphone": false, "saxophone": false, "voice.tts.characters": false,
		"outpatient_id": false, "inpatientid": false, "room": false, "": false, "code.function.name": false, "telephony": false, "rotp": false,
	} {
		got, changed := r.Attribute(key.String("value"))
		if (got.Value.AsString() == redact.Redacted) != secret || changed != secret {
			t.Errorf("%s: got %q, want secret: %v", key, got.Value.AsString(), secret)
		}
	}
}

func TestValuesOfSecretKeys(t *testing.T) {
	r := redact.New(redact.SecretKeys())
	for _, tt := range []struct {
		name string
		in   attribute.Value
		want string
	}{
		{"text", attribute.StringValue("x"), redact.Redacted},
		{"number", attribute.Int64Value(1234), redact.Redacted},
		{"list", attribute.StringSliceValue([]string{"a"}), redact.Redacted},
		{"map", attribute.MapValue(attribute.String("a", "b")), redact.Redacted},
		{"true", attribute.BoolValue(true), "true"},
		{"nothing", attribute.StringValue(""), ""},
		{"redacted before", attribute.StringValue(redact.Redacted), redact.Redacted},
	} {
		got, changed := r.Attribute(attribute.KeyValue{Key: "password", Value: tt.in})
		if got.Value.String() != tt.want || changed != (got.Value.String() != tt.in.String()) {
			t.Errorf("%s: got %v (changed: %v), want %s", tt.name, got.Value, changed, tt.want)
		}
	}
}

func TestNestedValues(t *testing.T) {
	r := redact.New(redact.Default()...)
	in := []attribute.KeyValue{
		attribute.String("clean", "x"),
		attribute.StringSlice("list", []string{"a", "ada@example.com"}),
		attribute.Map("map", attribute.String("password", "x"), attribute.Slice("deep", attribute.StringValue("+14155550123"))),
	}
	got, changed := r.Attributes(in)
	want := []string{"x", `["a","[REDACTED:email]"]`, `{"deep":["[REDACTED:phone]"],"password":"[REDACTED]"}`}
	for i := range want {
		if got[i].Value.String() != want[i] || !changed {
			t.Errorf("got  %s\nwant %s", got[i].Value, want[i])
		}
	}
	if in[1].Value.AsStringSlice()[1] != "ada@example.com" {
		t.Error("the argument was written to")
	}
	if _, changed := r.Attributes(in[:1]); changed {
		t.Error("clean attributes are reported as changed")
	}
}

func TestUserRules(t *testing.T) {
	r := redact.New(
		redact.Pattern("flight", regexp.MustCompile(`\b[A-Z]{2}\d{3,4}\b`)),
		redact.Pattern("nothing", nil),
		redact.Values("hunter2!", "short", "hunter2!long"),
		redact.Func(func(_ attribute.Key, text string) string {
			if text == "boom" {
				panic("boom")
			}
			return strings.ReplaceAll(text, "Ada", "A.")
		}),
		redact.Func(nil), redact.Keys(""), redact.Rule{})
	for in, want := range map[string]string{
		"LH454 is late": "[REDACTED:flight] is late", "xhunter2!x": "x[REDACTED]x", "hunter2!long": "[REDACTED]",
		"short": "short", "Ada called": "A. called", "boom": "[REDACTED]", "ada@example.com": "ada@example.com",
	} {
		if got := r.String(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func TestHashUserIDs(t *testing.T) {
	r := redact.New(redact.HashUserIDs([]byte("key")))
	hash := func(key attribute.Key, id string) string {
		kv, _ := r.Attribute(key.String(id))
		return kv.Value.AsString()
	}
	a := hash("user.id", "user_123")
	if a == "user_123" || len(a) != 18 || !strings.HasPrefix(a, "u_") {
		t.Errorf("got %q", a)
	}
	if b := hash("user_id", "user_123"); b != a {
		t.Errorf("the same user is %q and %q", a, b)
	}
	if hash("user.id", a) != a {
		t.Error("a hash was hashed")
	}
	if hash("user.id", "user_124") == a || hash("session.id", "user_123") != "user_123" || hash("user.id", "") != "" {
		t.Error("other ids are not as they should be")
	}
	other, _ := redact.New(redact.HashUserIDs([]byte("other"))).Attribute(attribute.String("user.id", "user_123"))
	if other.Value.AsString() == a {
		t.Error("the key makes no difference")
	}
}

func TestNil(t *testing.T) {
	var r *redact.Redactor
	kv := attribute.String("password", "x")
	if got, changed := r.Attribute(kv); got != kv || changed || r.String("a@b.cd") != "a@b.cd" {
		t.Error("a nil redactor changed something")
	}
}

// IsPlain is false for all texts with secrets, and true for most others.
func TestIsPlain(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range secrets {
		if engine(r).IsPlain(tt.in) {
			t.Errorf("%q is plain", tt.in)
		}
	}
	for _, text := range []string{"", "openai", "gpt-4o-mini", "llm response generated", "turn 3 failed"} {
		if !engine(r).IsPlain(text) {
			t.Errorf("%q is not plain", text)
		}
	}
	for _, text := range []string{"Grüße", "\xff"} {
		if engine(r).IsPlain(text) || engine(nil).IsPlain(text) {
			t.Errorf("%q is plain, but not ASCII", text)
		}
	}
	if engine(redact.New(redact.Values("blue elephant"))).IsPlain("a blue elephant") {
		t.Error("a known secret is plain")
	}
}

// The values of some keys are scanned once, and their result is cached.
func TestCachedTexts(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range []struct {
		name string
		kv   attribute.KeyValue
		want bool
	}{
		{"an id", attribute.String("session.id", "sess_f5e6d7c8b9a0"), true},
		{"a secret in an id", attribute.String("session.id", "call of +49 30 901820"), false},
		{"not UTF-8", attribute.String("session.id", "sess_\xff"), false},
		{"another key", attribute.String("note", "sess_000000000000"), false},
		{"a long one", attribute.String("session.id", strings.Repeat("s", 200)), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.kv.Value.AsString()
			if engine(r).IsKnownClean(s) {
				t.Error("it is cached before it was scanned")
			}
			once, changed := r.Attribute(tt.kv)
			if engine(r).IsKnownClean(s) != tt.want {
				t.Errorf("cached: %v, want %v", engine(r).IsKnownClean(s), tt.want)
			}
			if twice, again := r.Attribute(tt.kv); twice != once || again != changed {
				t.Errorf("at first %v, then %v", once, twice)
			}
			if known := engine(r).IsKnownClean(s[:len(s)-1]); known {
				t.Error("a part of it is cached, too")
			}
		})
	}
	custom := redact.New(redact.Func(func(_ attribute.Key, s string) string { return s }))
	id := attribute.String("session.id", "sess_f5e6d7c8b9a1")
	custom.Attribute(id)
	if engine(custom).CachesValues("session.id") || engine(custom).IsKnownClean(id.Value.AsString()) {
		t.Error("the results of a user's function are cached")
	}
}

// Redaction is idempotent, keeps text valid, and finds secrets in any text.
func FuzzString(f *testing.F) {
	for _, tt := range secrets {
		f.Add(tt.in)
	}
	f.Add("sip:+1415555012+14155553@pbx")          // One number after another.
	f.Add("hty://ada:hr2^@x://md://ada:hr2@x://a") // One address after another.
	for _, text := range harmless {
		f.Add(text)
	}
	r := redact.New(redact.Default()...)
	f.Fuzz(func(t *testing.T, text string) {
		once := r.String(text)
		if twice := r.String(once); twice != once {
			t.Errorf("%q\nonce  %q\ntwice %q", text, once, twice)
		}
		if engine(r).IsPlain(text) && (once != text || strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })) {
			t.Errorf("%q is plain, and becomes %q", text, once)
		}
		if utf8.ValidString(text) && !utf8.ValidString(once) {
			t.Errorf("%q became invalid: %q", text, once)
		}
		for _, secret := range []string{"ada@example.com", "sk-proj-0123456789abcdefghij", "4111111111111111", jwt} {
			// The text around the secret may contain it, too, in a place where it is not a secret.
			around := 2 * strings.Count(once, secret)
			if got := r.String(text + "\n" + secret + "\n" + text); strings.Count(got, secret) > around {
				t.Errorf("%q is in %q", secret, got)
			}
		}
	})
}
