// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import "testing"

// Not yet.

func TestFailingSecrets(t *testing.T) { testSecrets(t, failingSecrets) }

func TestFailingInnocents(t *testing.T) { testInnocents(t, failingInnocents) }

func TestFailingNeighbors(t *testing.T) { testNeighbors(t, failingNeighbors) }

func TestFailingJSON(t *testing.T) { testInJSON(t, failingJSON) }

var failingNeighbors = []neighbor{
	{"stt: «AKIAIOSFODNN7EXAMPLQ»: access denied", "access denied"},
	{"map[«ada@example.com»:3 «bob@example.com»:4]", ":3 "},
	{"map[«ada@example.com»:map[calls:3 last:2026-01-02]]", "calls:3"},
	{"map[«+14155550123»:map[calls:3 last:2026-01-02]]", "calls:3"},
	{"INVITE sip:«+14155550123»@10.0.0.1:5060 SIP/2.0", "SIP/2.0"},
	{"Contact: <sip:«+14155550123»@10.0.0.1:5060>", ":5060>"},
	{"[Authorization: Bearer «8f14e45fceea», Accept: */*]", "Accept: */*"},
	{"Headers [Authorization=Bearer «8f14e45fceea», Accept=*/*]", "Accept=*/*"},
	{"{Authorization=Bearer «8f14e45fceea», Accept=*/*}", "Accept=*/*"},
	{"authorization: bearer «8f14e45fceea», te: trailers", "te: trailers"},
	{`{"password":"«ab\\»","user":"ada"}`, `"user":"ada"`},
	{`{"m":"Authorization: Digest username=\"ada\", response=\"«6629fae49393»\"","n":3}`, `"n":3}`},
	{`{"m":"Authorization: Token token=\"«8f14e45fceea»\"","n":3}`, `"n":3}`},
	{`{"m":"password:\n  «hunter2x»","n":3}`, `"n":3}`},
	{"password: «hunter2x» (attempt 3)", "(attempt 3)"},
	{"password=«hunter2x»: attempt 3", ": attempt 3"},
	{"password = «hunter2x» (attempt 3)", "(attempt 3)"},
	{"mit «ada@example.com»、ok", "、ok"},
	{`{"m":"-----BEGIN PRIVATE KEY-----\n«MIIEvQIBADAN»","n":3}`, `"n":3}`},
	{"PGPASSWORD=«hunter2x» psql -h db", "psql -h db"},
}

// In a member of a JSON object these make it invalid, or take the next member.
var failingJSON = []string{
	`'SET PASSWORD = \'«hunter2x»\''`,
	`+password: ""`,
	"-----BEGIN OPENSSH PRIVATE KEY-----\n«b3BlbnNzaC1rZXktdjEAAAAA»",
	"--no-password",
	"--password",
	"--password <password>",
	"--with-token",
	"-password",
	`-password: ""`,
	"@example.com",
	`@pytest.mark.parametrize("token", ["a"])`,
	"Authorization:",
	"Authorization: ",
	"Authorization: Bearer <token>",
	"Authorization: Bearer <token> n=3",
	"Authorization: Bearer <token>: EOF",
	`Authorization: Hawk id="x", ts="1", mac="«8f14e45fceea»"`,
	`Authorization: MediaBrowser Token="«8f14e45fceea»"`,
	`Authorization: OAuth oauth_consumer_key="«ck8f14e45»", oauth_token="«8f14e45fceea»", oauth_signature="«sig8f14e45»"`,
	`Authorization: Signature keyId="x",signature="«8f14e45fceea»"`,
	`Authorization: Snowflake Token="«8f14e45fceea»"`,
	`Authorization: Token token="«8f14e45fceea»"`,
	`Authorization: Token token=«8f14e45fceea», nonce="x"`,
	"Bearer <token>",
	"Bearer <token> n=3",
	"Bearer <token>: EOF",
	"Cookie: ",
	"DB_PASSWORD=",
	"Enter password:",
	"Password: ",
	`Proxy-Authorization: Digest username="ada", realm="x", nonce="84a4cc6f", uri="sip:«4155550123»@x", qop=auth, nc=00000001, cnonce="0a4f113b", response="«7587245234b3434cc3412213e5f113a5»"`,
	`WWW-Authenticate: Digest realm="x", nonce="«84a4cc6f3082121f32b42a2187831a9e»"`,
	"ada's password: ",
	"b'password=<password>'",
	`case "password":`,
	`case "token", "secret":`,
	"def login(user, password):",
	"def login(user: str, password: str) -> Token:",
	"export DB_PASSWORD=",
	"imagePullSecrets: ",
	`invalid value "«hunter2x»" for flag -password: too short`,
	`msg="Bearer <token>"`,
	`msg="password=<password>"`,
	"password = \"\"\"\n«hunter2x»\"\"\"",
	"password:",
	"password:\n\t«hunter2x»",
	"password:\n\n  «hunter2x»",
	"password:\n    # the old one\n    «hunter2x»",
	`password: ""`,
	"password: ********",
	`password:\n  «hunter2x»`,
	"password=",
	`password=""`,
	"password=***",
	"password=******",
	"password=<password>",
	"password=<password> n=3",
	"password=«{hunter2x»",
	"properties:\n  password:\n    type: string\n    example: «hunter2x»",
	`{"m":"Authorization: Bearer \u003ctoken\u003e","n":3}`,
	`{"m":"Bearer \u003ctoken\u003e","n":3}`,
	`{"m":"password: \"\""}`,
	`{"m":"password=\"\""}`,
	`{"m":"password=\u003cpassword\u003e","n":3}`,
	`«"ada lovelace"@example.com»`,
}
