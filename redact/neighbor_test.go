// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// A neighbor is a text with secrets between « and », and the part that must not change.
type neighbor struct{ text, stays string }

func testNeighbors(t *testing.T, neighbors []neighbor) {
	t.Helper()
	r := redact.New(redact.Default()...)
	for _, n := range neighbors {
		text, words := secretWords(n.text)
		out := r.String(text)
		if !strings.Contains(out, n.stays) {
			t.Errorf("%q is not in the output:\n in %q\nout %q", n.stays, text, out)
		}
		for _, word := range words {
			if strings.Contains(out, word) {
				t.Errorf("%q is in the output:\n in %q\nout %q", word, text, out)
			}
		}
	}
}

func TestNeighborsStay(t *testing.T) { testNeighbors(t, neighbors) }

var neighbors = []neighbor{
	{"openai: key «sk-proj-abcd1234efgh5678ijkl9012mnop»: 401 Unauthorized", "401 Unauthorized"},
	{"key «ghp_abcdefghijklmnopqrstuvwxyz0123456789»: bad credentials", "bad credentials"},
	{`dial "«ada@example.com»": connection refused`, "connection refused"},
	{`send to "«ada@example.com»": 550 user unknown`, "550 user unknown"},
	{`{"«ada@example.com»":{"calls":3}}`, `"calls":3`},
	{`{"«+14155550123»":{"calls":3}}`, `"calls":3`},
	{`{"«ada@example.com»":3,"n":4}`, `3,"n":4`},
	{`{"«+14155550123»":3,"n":4}`, `3,"n":4`},
	{"user:«ada@example.com»:state", ":state"},
	{"caller:«14155550123»:state", ":state"},
	{"user:«+14155550123»:state", ":state"},
	{"INVITE sip:«+14155550123»@10.0.0.1:5060 SIP/2.0", "INVITE sip:"},
	{"Contact: <sip:«+14155550123»@10.0.0.1:5060;transport=tcp>", ";transport=tcp>"},
	{"From: <sip:«+14155550123»@10.0.0.1:5060>;tag=1928301774", ";tag=1928301774"},
	{`strconv.ParseInt: parsing "«+14155550123»": value out of range`, "value out of range"},
	{"user «ada@example.com»: turn took 120 ms", "turn took 120 ms"},
	{"user «+14155550123»: turn took 120 ms", "turn took 120 ms"},
	{"«ada@example.com»: mailbox full", "mailbox full"},
	{"email=«ada@example.com» n=3", " n=3"},
	{"map[Authorization:[Bearer «8f14e45fceea»] Accept:[*/*]]", "Accept:[*/*]"},
	{`{"Authorization":["Bearer «8f14e45fceea»"],"Accept":["*/*"]}`, `"Accept":["*/*"]`},
	{`{"m":"Authorization: Bearer «8f14e45fceea»","n":3}`, `"n":3}`},
	{`{"m":"passwords:\n  - «hunter2x»\n","n":3}`, `"n":3}`},
	{`{"m":"password = «hunter2x»","n":3}`, `"n":3}`},
	{`{"m":"password: «open sesame»","n":3}`, `"n":3}`},
	{`{"password": «12345678», "n":3}`, `"n":3}`},
	{`{"password":["«hunter2x»"],"n":3}`, `"n":3}`},
	{`{"password":{"a":"«hunter2x»"},"n":3}`, `"n":3}`},
	{"{\"password\":\n  \"«hunter2x»\",\n\"n\":3}", `"n":3}`},
	{`{"password":"«hunter2x»","n":3}`, `"n":3}`},
	{`{"a":"{\"password\":\"«hunter2x»\"}","n":3}`, `"n":3}`},
	{`password="«hunter2x»" n=3`, " n=3"},
	{"password=«hunter2x» n=3", " n=3"},
	{"password=«hunter2x»&n=3", "&n=3"},
	{"password=«hunter2x», n=3", ", n=3"},
	{"password=«hunter2x»; n=3", "; n=3"},
	{"{Password:«hunter2x» N:3}", " N:3}"},
	{"&{User:ada Password:«hunter2x» N:3}", " N:3}"},
	{"map[password:«hunter2x» n:3]", " n:3]"},
	{"User(password='«hunter2x»', n=3)", ", n=3)"},
	{"User(password=«hunter2x», n=3)", ", n=3)"},
	{"{ password: '«hunter2x»', n: 3 }", ", n: 3 }"},
	{`Config { password: "«hunter2x»", n: 3 }`, ", n: 3 }"},
	{"password: «hunter2x»\nn: 3", "n: 3"},
	{"passwords:\n  - «hunter2x»\nn: 3", "n: 3"},
	{"password: |\n  «hunter2x»\nn: 3", "n: 3"},
	{"<password>«hunter2x»</password><n>3</n>", "<n>3</n>"},
	{"app --password «hunter2x» --port 80", "--port 80"},
	{"https://ada:«hunter2x»@h/x?n=3", "@h/x?n=3"},
	{"https://x/?token=«8f14e45fceea»&n=3", "&n=3"},
	{`Get "https://x/?token=«8f14e45fceea»": context deadline exceeded`, "context deadline exceeded"},
	{`dial "https://ada:«hunter2x»@h/": connection refused`, "connection refused"},
	{"GET /x?token=«8f14e45fceea» HTTP/1.1", " HTTP/1.1"},
	{"POST /callers/%2B«14155550123»/calls HTTP/1.1", "/calls HTTP/1.1"},
	{"Authorization: Bearer «8f14e45fceea»\nAccept: */*", "Accept: */*"},
	{"Authorization: Bearer «8f14e45fceea»\x0d\nAccept: */*", "Accept: */*"},
	{"Cookie: sid=«8f14e45fceea»\nAccept: */*", "Accept: */*"},
	{"user ada@tcp: ada:«hunter2x»@tcp(db:3306)/app?parseTime=true", "@tcp(db:3306)/app?parseTime=true"},
	{"call from «+14155550123» to «+4915112345678» took 35 s", " took 35 s"},
	{"Call «(415) 555-0123» x 12 or press 0", "press 0"},
	{`sql: Scan error on column index 2, name "password": converting driver.Value type string ("«hunter2x»") to a int: invalid syntax`, "invalid syntax"},
	{`field "password": value "«hunter2x»" is too short`, "is too short"},
	{`token "«8f14e45fceea167a5a36»" is expired`, "is expired"},
	{"card «4111111111111111» was declined", "was declined"},
	{"card «4111 1111 1111 1111» was declined at 12:30", "was declined at 12:30"},
	{"\x1b[2mpassword=\x1b[0m\"«hunter2x»\" \x1b[2mn=\x1b[0m3", "n="},
	{"password=\x1b[31m«hunter2x»\x1b[0m n=3", " n=3"},
	{"tel:+1-«415-555-0123»;ext=12;n=3", ";n=3"},
	{"{'password': '«hunter2x»', 'n': 3}", "'n': 3"},
	{"{b'authorization': b'Bearer «8f14e45fceea»', b'n': 3}", "b'n': 3"},
	{"-----BEGIN PRIVATE KEY-----\n«MIIEvQIBADAN»\n-----END PRIVATE KEY-----\nn=3", "n=3"},
	{`{"key":"-----BEGIN PRIVATE KEY-----\n«MIIEvQIBADAN»\n-----END PRIVATE KEY-----\n","n":3}`, `"n":3}`},
	{"%7B%22password%22%3A%22«hunter2x»%22%2C%22n%22%3A3%7D", "%22n%22%3A3"},
	{`level=INFO msg="login" password=«hunter2x» user=ada dur=3ms`, "user=ada dur=3ms"},
	{`2026-01-02T03:04:05Z INFO login {"password": "«hunter2x»", "n": 3}`, `"n": 3}`},
	{"curl -u ada:«hunter2x» https://x/y", "https://x/y"},
	{"docker run -e DB_PASSWORD=«hunter2x» -p 80:80 img", "-p 80:80 img"},
	{"sip:«1001»@pbx.example.com;transport=tls", ";transport=tls"},
	{"grpc: authorization: Bearer «8f14e45fceea»: code = Unavailable", "code = Unavailable"},
}
