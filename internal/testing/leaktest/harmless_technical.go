// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

// harmlessIDs are identifiers.
var harmlessIDs = []string{
	"550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000", "a1b2c3d4e5f60718", "41111111-1111-4111-8111-111111111111",
	"12345678-1234-4234-8234-123456789012", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "trace_id=41555501771234567890123456789012",
	"span_id=4155550177123456", "1-67891233-abcdef012345678912345678", "sess_f5e6d7c8b9a0", "req_a1b2c3d4", "turn_000000000003", "call_a1b2c3d4e5f6",
	"chatcmpl-9738fcbd79843890d71a90bd", "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", "msg_01XFDUDYJgAACzvnptvVoYEL", "run_abc123", "thread_abc123",
	"CA0123456789abcdef0123456789abcdef", "SM0123456789abcdef0123456789abcdef", "RM_hsXKqEbGZVQP", "PA_kS3xBr9XDqpn", "TR_AMmTcQEH5nFWzd", "EG_4RcaVbFpZ9Qx", "IN_3oHhVTCLzTsr",
	"room-4111", "order-42", "support-room-7f3a", "call-room-2026-11-23", "sip-inbound-trunk", "sip_trunk_eu", "call-_ab12", "sip_anonymous", "agent-AJ_7sHdk3Lq", "ST_jL4bqTz7wR",
	"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "d670460b4b4aece5915caf5c68d12f560a9fe3e4", "sha1 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
	"md5=9e107d9d372bb6826bd81d3542a419d6", "etag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "session.id=sess_f5e6d7c8b9a0", "user_id=user_123",
	"pod agent-7d9f8b6c5d-x2x4z", "ip-10-0-12-34.ec2.internal", "arn:aws:iam::123456789012:role/agent", "i-0abcd1234efgh5678", "vpc-0a1b2c3d4e5f67890",
	"projects/calls-412345/locations/eu", "cus_NffrFeUfNV2Hib", "pi_3MtwBwLkdIwHu7ix28a3tqPa", "UklGRiQAAABXQVZFZm10IBAAAAABAAEA", "fingerprint SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
}

// harmlessTimes are points in time and durations.
var harmlessTimes = []string{
	"2024-01-01T12:00:00.000Z", "2026-11-23 11:45:00", "2026-11-23 11:45:00.123456 +0000 UTC", "Mon, 23 Nov 2026 11:45:00 GMT", "took 1.234567890s",
	"2026-11-23T11:45:00.123456789+01:00", "2026-11-23T11:45:00+0100", "20261123T114500Z", "2026-11-23 11:45:00 +0100 CET", "2026-11-23 11:45:00 +0100 CET m=+0.001234567",
	"23/Nov/2026:11:45:00 +0000", "11/23/2026 11:45:00", "23.11.2026 11:45:00", "23.11.26, 11:45 Uhr", "23-11-2026 11:45", "2026/11/23 11:45:00.123456", "1732362300123", "1h2m3.456789s",
	"350ms", "00:01:23.456", "00:00:01,500 --> 00:00:04,000", "*/5 * * * *", "0 30 4 1,15 * 5", "15 2 * * 1-5", "@daily", "@every 1h30m", "2026-W48-1", "epoch 1795434300",
	"from 2026-11-23 to 2026-12-24", "uptime 12 days 03:14:15", "ts=1795434300.123", "deadline 2026-11-23T11:45:00Z", "open 08 00 to 17 30", "between 10:00 and 12:30",
}

// harmlessAddresses are hosts, URLs and paths.
var harmlessAddresses = []string{
	"127.0.0.1:4318", "192.168.100.200", "10.0.0.1:41545->10.0.0.2:4318", "[::1]:4317", "fe80::1", "00:1b:44:11:3a:b7", "00-1b-44-11-3a-b7", "2001:db8:85a3::8a2e:370:7334",
	"10.0.0.0/16", "172.16.254.1/24", "203.0.113.195, 70.41.3.18, 150.172.238.178", "fe80::1%eth0", "255.255.255.255", "::ffff:192.0.2.128", "100.200.100.2000",
	"https://api.example.com/v1/audio/speech?model=tts-1", "https://example.com/@ada", "https://example.com/v1/models/gpt-4o?limit=20&order=asc", "https://medium.com/@ada/p-1",
	"/go/pkg/mod/github.com/pion/ice/v4@v4.0.12/agent.go:582", "wss://api.deepgram.com/v1/listen?encoding=linear16&sample_rate=16000&channels=1",
	"https://api.elevenlabs.io/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream", "https://example.com/search?q=hello+world&page=2&lang=en", "http://localhost:8080/healthz?verbose=1",
	"GET /v1/calls/123456 HTTP/1.1", "GET /rooms/support-7/participants", "POST /v1/chat/completions HTTP/1.1", "\"GET /x?page=2 HTTP/1.1\" 200 5123", "grpc://collector:4317",
	"postgres://db:5432/calls", "redis://cache:6379/0", "mongodb://a:27017,b:27017/calls?replicaSet=rs0", "amqp://mq:5672/", "tcp(db:3306)", "host=db port=5432 sslmode=disable",
	"/usr/local/go/src/runtime/panic.go", "C:\\agent\\main.go", "s3://calls/2026/11/23/room-7.wav", "file:///var/log/agent.log", "data:audio/wav;base64,UklGRg==", "/dev/snd/pcmC0D0p",
	"/callers/7/calls", "/callers/me", "/orders/123456789", "/v1/2024-10-21/x", "?limit=10&offset=12345678", "https://example.com/?utm_source=x&utm_medium=email", "turn:turn.example.com:3478?transport=udp",
	"stun:stun.l.google.com:19302", "sip:pbx.example.com", "sip:pbx.example.com:5060;transport=udp", "https://hooks.slack.com/", "https://api.telegram.org/", "no such host: db.internal",
	"https://storage.example.com/b/o?alt=media&generation=1712345678901234", "registry.example.com/agent:1.2.3", "ghcr.io/voice-agents/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

// harmlessCode are stack traces, source code and queries.
var harmlessCode = []string{
	"go1.26 linux/amd64", "/app/stt/whisper.go:145", "main.(*Whisper).Transcribe", "goroutine 1 [running]:\nmain.run(0xc000123456, 0x1)\n\t/app/main.go:38 +0x1d",
	"goroutine 4155 [select, 12 minutes]:\nnet/http.(*persistConn).readLoop(0xc0004a2000)\n\t/usr/local/go/src/net/http/transport.go:2205 +0xce5",
	"panic: runtime error: index out of range [5] with length 3", "runtime.gopanic({0x102e4f0a0?, 0x14000010250?})", "created by main.main in goroutine 1", "func(0x1400012e000, {0x0, 0x0})",
	"dial tcp 127.0.0.1:4318: connect: connection refused", "context deadline exceeded", "unexpected status 503: overloaded", "strconv.Atoi: parsing \"abc\": invalid syntax",
	"json: cannot unmarshal string into Go struct field Config.port of type int", "x509: certificate signed by unknown authority", "read tcp 10.0.0.1:41545->10.0.0.2:443: i/o timeout",
	"tls: failed to verify certificate: x509: certificate is valid for a, not b", "File \"/app/agent.py\", line 42, in run", "at Object.<anonymous> (/app/index.js:12:34)", "v1.47.0", "1.26.8",
	"go: downloading go.opentelemetry.io/otel v1.47.0", "github.com/nyaruka/phonenumbers v1.4.0 h1:ddhWiHnHCIX3n6ETDA58Zq5dkxkjlvgrDWM2OHHPCzU=", "v0.0.0-20240101000000-abcdefabcdef", "1.2.3-rc.1+build.456",
	"SELECT id, name FROM calls WHERE room = 'support' LIMIT 10", "SELECT count(*) FROM users WHERE created > '2026-11-23'", "UPDATE calls SET state = 'done' WHERE id = 42", "INSERT INTO turns (id, ms) VALUES (7, 340)",
	"CREATE TABLE users (id int, password text NOT NULL, phone varchar(20))", "SELECT password FROM users WHERE id = $1", "WHERE password = ? AND email = ?", "WHERE password = $1", "password = :password",
	"type Config struct { Password string; Port int }", "func Login(user, password string) error", "if token == nil {", "flag --password is required",
	"usage: agent --token-file path", "unknown flag: --tokens", "map[a:1 b:2]", "{Name:tts Port:443}", "&{Model:tts-1 Voice:alloy}", "[]string{\"a\", \"b\"}", "map[string]int{\"a\":1}", "{\"a\":[1,2,3],\"b\":null}",
	"{\"max_tokens\":4096,\"temperature\":0.7}", "{\"usage\":{\"prompt_tokens\":412,\"completion_tokens\":128,\"total_tokens\":540}}", "{\"type\":\"token\",\"id\":7}", "-----BEGIN CERTIFICATE-----\nMIIB",
	"-----BEGIN PUBLIC KEY-----\nMFkw", "<a href=\"/x\">y</a>", "<speak>Hello <break time=\"200ms\"/></speak>", "<Response><Dial>later</Dial></Response>", "key: value\nlist:\n- a\n- b",
}

// harmlessMeasurements are lines of metrics.
var harmlessMeasurements = []string{
	"http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000", "voice_turn_duration_seconds_bucket{le=\"0.25\"} 4155550", "go_gc_duration_seconds{quantile=\"0.5\"} 0.000123456",
	"process_resident_memory_bytes 4.1525248e+07", "# HELP up 1 if up", "cpu=12.5% mem=345MiB", "load average: 0.12, 0.34, 0.56", "GC 12 @1.234s 0%: 0.01+0.2+0.003 ms clock",
	"1024 bytes in 12 ms", "16000 Hz, 16 bit, 1 channel", "jitter=12.5ms loss=0.3% rtt=48ms", "packetsLost=12 packetsReceived=41555577", "bytesReceived: 4111111111", "MOS 4.2", "snr 23.4 dB",
	"rtp seq=41555 ts=3141592653 ssrc=0x12345678", "seq 12345 -> 12346", "bitrate 64000 bps", "tokens/s 42.5", "429 Too Many Requests", "x-ratelimit-remaining-tokens: 149984", "retry-after: 20",
	"x-ratelimit-limit-tokens: 150000", "x-ratelimit-reset-tokens: 6m0s", "openai-processing-ms: 412", "content-length: 1234567", "x-request-id: req_a1b2c3d4e5f60718",
}

// harmlessMedia are lines of WebRTC and SIP sessions.
var harmlessMedia = []string{
	"v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0", "o=- 20518 0 IN IP4 203.0.113.1", "m=audio 49170 RTP/AVP 0 8 96", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
	"c=IN IP4 203.0.113.1", "a=ssrc:4155550177 cname:abcd", "a=msid:- 550e8400-e29b-41d4-a716-446655440000", "a=group:BUNDLE 0 1",
	"a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2",
	"candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.1 rport 41545 generation 0", "candidate:1 1 UDP 2130706431 10.0.0.1 41545 typ host",
	"a=candidate:3746455312 1 tcp 1518280447 192.168.1.2 9 typ host tcptype active", "CSeq: 314159 INVITE", "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK776asdhds", "Max-Forwards: 70", "SIP/2.0 486 Busy Here",
	"Call-ID: a84b4c76e66710", "Content-Type: application/sdp", "User-Agent: Asterisk PBX 20.5.0", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"User-Agent: okhttp/4.12.0", "Twilio.TmeWs/1.0", "OpenAI/Python 1.54.3", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
}

// harmlessLogs are log lines of this toolkit and of others.
var harmlessLogs = []string{
	`{"time":"2026-11-23T11:45:00.123456789Z","level":"INFO","msg":"llm response generated","service.name":"agent","session.id":"sess_f5e6d7c8b9a0","turn.id":"turn_000000000003","voice.llm.time_to_first_token":0.34}`,
	`{"time":"2026-11-23T11:45:00Z","level":"ERROR","msg":"tts failed","error":"unexpected status 503: overloaded","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}`,
	"time=2026-11-23T11:45:00.123Z level=INFO msg=ready addr=127.0.0.1:8080 pid=12345", `203.0.113.1 - - [23/Nov/2026:11:45:00 +0000] "GET / HTTP/1.1" 200 2326 "-" "curl/8.5.0"`,
	"2026-11-23T11:45:00.123Z\tINFO\tagent/main.go:42\tconnected\t{\"room\": \"support\", \"attempt\": 1}", "Nov 23 11:45:00 host agent[12345]: ready", "<134>1 2026-11-23T11:45:00.123Z host agent 12345 - - ready",
	"I1123 11:45:00.123456   12345 main.go:42] ready", "[2026-11-23 11:45:00 +0000] [12345] [INFO] Listening at: http://0.0.0.0:8000 (12345)", `{"level":"info","ts":1795434300.123456,"caller":"agent/main.go:42","msg":"ready"}`,
	`{"gen_ai.usage.input_tokens":412,"gen_ai.usage.output_tokens":128,"gen_ai.request.model":"gpt-4o-mini-2024-07-18"}`, "turn 3 of sess_f5e6d7c8b9a0 took 1.2 s", "stt: 12 segments, 3.4 s, 0.92", "barge-in after 340 ms",
	"participant sip-caller joined RM_hsXKqEbGZVQP", "webhook participant_joined for room support-7", "retrying in 2s (attempt 3 of 5)", "exported 512 spans, 1024 logs, 256 points", "queue 512/2048, dropped 0",
}
