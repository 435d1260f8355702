// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import "slices"

// Harmless returns texts that must not change, by class.
func Harmless() map[string][]string {
	return map[string][]string{
		"numbers":      slices.Concat(harmlessNumbers, harmlessLists),
		"names":        harmlessNames,
		"words":        harmlessWords,
		"ids":          harmlessIDs,
		"times":        harmlessTimes,
		"addresses":    harmlessAddresses,
		"code":         harmlessCode,
		"measurements": harmlessMeasurements,
		"media":        harmlessMedia,
		"logs":         harmlessLogs,
	}
}

// harmlessNumbers are digits that resemble phone and card numbers.
var harmlessNumbers = []string{
	"order 123-456-7890", "offset +12345678", "ssrc=4222222222222", "ssrc: 4294967295", "ssrc 3141592653", "order 4111", "room-4111",
	"order 1234567812345670", "order 7000000000000007", "invoice 9111111111111111", "tracking 1999999999999990", "sku 8400000000000005",
	"seq=4111111111111", "offset=4222222222222", "id 0000000000000000", "0000 0000 0000 0000", "4111111111111112", "12345678", "1234567890123",
	"1704110400000", "1704110400000000000", "1704110400.123456", "ticket 000-111-2222", "part 100-200-3000", "serial 012-345-6789",
	"offset -12345678", "delta +1234567", "skew +250", "+1", "+100%", "drift +0.00012345 s", "+1234", "utc+0200", "1e+14155550177", "3.14159265358979",
	"$1234567890", "€12.345.678,90", "USD 1,234,567.89", "12 345 678,90 EUR", "£1,000,000", "CHF 1'234'567.80", "CHF 12'345.00", "¥12345678",
	"page 1234 5678", "room 415 555", "0800 123", "extension 1234", "ext. 5550", "press 1 or 2", "pid 12345 tid 67890", "uid=1000 gid=1000",
	"port 41545", "ports 5060 5061 10000", "rtp ports 10000-20000", "range 1000-2000-3000", "bytes=0-1023/146515", "bytes 200-1000/67589",
	"lines 120-140", "rows 1 to 500 of 12345", "7 of 9", "3/4", "10-20-30", "1.234.567", "12,345,678", "0x1f4a", "0755", "0644 0600",
	"build 20261123.4", "rev 4012888", "PR 4012", "version 2026.11.23", "code 00012345", "barcode 4006381333931", "isbn 9783161484100", "ean 5901234123457",
}

// harmlessLists are lists of numbers.
var harmlessLists = []string{
	"latencies 120 340 1500 ms", "latencies 123 456 7890 ms", "latencies 250 340 1500 ms", "sizes 512 256 1024", "sizes 512 1024 2048 4096", "buckets 100 250 500 1000 2500",
	"[120 340 1500]", "[0.1 0.25 0.5 1 2.5 5 10]", "[512 256 128]", "histogram 0 12 345 6789 12", "counts 06 12 34 56", "scores 99 98 97 96 95",
	"dims 224 224 1000", "shape (1, 80, 3000)", "shape 32x224x224", "1920x1080", "samples 16000 24000 48000", "frames 480 960 1920",
	"p50 120 p90 340 p99 1500", "rms 812 901 1204", "codes 200 404 500", "retry in 100 200 400 800 ms", "gaps 20 20 20 60 ms",
	"rgb 255 128 064", "10 20 30 40 50 60", "2 4 8 16 32 64 128", "cpu 12 34 56 78 90", "heap 123 456 789 KB", "tokens 412 128 540", "matrix 1 0 0 1",
	"1 200 3000 40000", "ids 101 202 3003", "turns 12 13 14", "sent 1024 received 2048 dropped 12",
}

// harmlessNames are names of models, files and packages.
var harmlessNames = []string{
	"gpt-4o-mini-2024-07-18", "claude-3-5-sonnet-20241022", "whisper-1", "sonic-3", "tts-1-hd", "xai-grok-2-vision-1212", "grok-2-vision-1212",
	"sk-learn-extra-1-0-0-2024", "sk-learn is a library", "scikit-learn-1-5-2", "eleven_turbo_v2_5", "aura-2-thalia-en", "nova-2-phonecall",
	"nova-3-general", "gemini-2.5-flash-preview-09-2025", "deepgram/nova-3", "meta-llama/Llama-3.3-70B-Instruct", "text-embedding-3-small",
	"hf_model", "hf_hub_download", "hf_transfer enabled", "r8_model", "npm_config_cache", "npm_lifecycle_event", "pypi-server-2-0-0", "glpat-docs",
	"AKIA", "AIza", "eyJ", "ghp_", "SG.", "xoxb-", "ya29.", "whsec_", "gsk_", "sk-", "pk_live_", "xai-sdk-python-1-0-1", "sk-estimator-html-doc-link-12",
	"SG.1.2", "sg.region-1.example", "SG-eu-west-1", "sk_buff", "sk_buff_head_init", "xai-org", "xai-grok-beta", "sk-SK", "sk_SK.UTF-8", "sk-toggleable-content-1",
	"img@2x.png", "icon@3x.webp", "model@1.2.3", "react@18.2.0", "@types/node@20.1.0", "pnpm@9.0.0", "actions/checkout@v4", "golang@1.26.0-alpine",
	"nginx@sha256", "user@host", "git@github", "git@github.com:x", "git@github.com:voice-agents/telemetry.git", "git@gitlab.example.com:team/x.git",
	"ssh://git@github.com/voice-agents/telemetry.git", "@ada", "a @ b", "@", "@media print", "@everyone", "x@y", "loss 3 @ 20 ms", "48kHz@16bit", "opus@48000",
	"github.com/pion/webrtc/v4@v4.0.12", "golang.org/x/net@latest", "example.com/m@v0.0.0-20240101000000-abcdefabcdef", "thumb@0.5x.jpg", "logo@2x.svg", "libfoo@1.0.so",
}

// harmlessWords are sentences and settings with the names of secrets and without a secret.
var harmlessWords = []string{
	"", "a", "hello, world", "STT processing completed", "Grüezi, 世界", "a\xffb", "author: Ada", "tokens: 12", "key=value", "monkey=banana",
	"first token: after 200 ms", "invalid token: unexpected end", "auth: ok", "phone: ringing", "pwd: /app", "has_password=true", "token: invalid",
	"token: expired", "token: missing", "auth: required", "auth: none", "auth: failed", "password: required", "password: invalid", "password: too short",
	"password: incorrect", "password: false", "password=null", "password: nil", "password=<nil>", "password: must not be empty", "phone: busy", "phone: offline",
	"phone: connected", "phone: on hold", "phone: no answer", "email: sent", "email: verified", "email: invalid", "email: required", "pwd: /", "pwd=/home/ada", "PWD=/app",
	"OLDPWD=/usr/src/app", "cookie: disabled", "cookies: accepted", "secret: not found", "secret: mounted", "credentials: expired", "authorization: denied",
	"unexpected token: }", "syntax error: unexpected token '<'", "Unexpected token < in JSON at position 0", "next token: EOF", "last token: after 1.2 s",
	"password_set=true", "passwordRequired=false", "password_length=12", "has_token=false", "token_count=3", "max_tokens=4096", "input_tokens: 412",
	"token_type=bearer", "token_limit=8192", "token_expires_in=3600", "tokens_per_second=42.5", "token_bucket=full", "api_key_count=2", "secret_count=0",
	"time_to_first_token=0.3", "phone_count=2", "email_count=3", "email_verified=true", "phone_verified=false", "auth_method=password", "auth=none", "auth=true",
	"passwords are secret", "the token expired", "cookie banner shown", "basic training", "Bearer of news", "the bearer arrived", "Basic authentication failed",
	"bearer token missing", "basic auth disabled", "Bearer realm=\"api\"", "token bucket is full", "token refreshed", "the password was changed", "forgot password?",
	"password reset requested", "wrong password, 2 attempts left", "please enter your PIN", "secret santa", "secretary: Ada", "authority=example.com", "keyboard: us",
	"the cookie jar is empty", "phone rings", "phone call ended", "email address is required", "no credentials found", "status: ok", "ratio 16:9", "at 10:30: done",
	"level=INFO msg=ready", "passed=12 failed=0", "compass: north", "passenger: 4", "bypass=true", "pass: 12, fail: 0", "spin=3", "pinned: true", "pin: 3 of 8", "shipping: free",
	"headphone=left", "microphone: muted", "telephony: up", "saxophone: alto", "lessn=1", "author_id=7", "tokenizer: cl100k", "Token usage: 412 in, 128 out", "stop token: <|end|>",
	"table for 2 at 19:30", "say your number", "call me maybe", "I said twelve thirty-four", "order 66 was executed", "key: up", "primary key: id", "keys: 12", "code: 200",
}
