// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// Notations of names and values.
var notations = []struct{ name, in, want string }{
	// Headers, and how they are printed.
	{"header map", "map[Authorization:[Bearer 8f14e45fceea167a] X-N:[1]]", "map[Authorization:[REDACTED] X-N:[1]]"},
	{"header map of cookies", "map[Cookie:[theme=dark; session=abc123] N:[1]]", "map[Cookie:[REDACTED] N:[1]]"},
	{"header map in Go", `http.Header{"Authorization":[]string{"Bearer 8f14"}, "N":[]string{"1"}}`, `http.Header{"Authorization":"[REDACTED]", "N":[]string{"1"}}`},
	{"header map in JSON", `{"Xi-Api-Key":["8f14e45f"],"N":["1"]}`, `{"Xi-Api-Key":"[REDACTED]","N":["1"]}`},
	{"scheme Token", "Authorization: Token 8f14e45f", "Authorization: [REDACTED]"},
	{"two spaces", "Authorization: Bearer  8f14e45f", "Authorization: [REDACTED]"},
	{"a tab", "Authorization: Bearer\t8f14e45f", "Authorization: [REDACTED]"},
	{"Negotiate", "Authorization: Negotiate YIIJvwYGKwYBBQ==", "Authorization: [REDACTED]"},
	{"Digest", `Authorization: Digest username="ada", realm="r", response="6629fae4", qop=auth`, "Authorization: [REDACTED]"},
	{"Digest of the root", `Authorization: Digest username="ada", uri="/", response="6629fae4", opaque=""`, "Authorization: [REDACTED]"},
	{"AWS", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/2026/s3, SignedHeaders=host;x-amz-date, Signature=fe5f80", "Authorization: [REDACTED]"},
	{"no scheme", "authorization: 8f14e45fceea167a", "authorization: [REDACTED]"},
	{"more lines", "Authorization: Bearer abc\r\nAccept: */*", "Authorization: [REDACTED]\r\nAccept: */*"},
	{"cookies", "Cookie: theme=dark; session=8f14; x=y\nHost: h", "Cookie: [REDACTED]\nHost: h"},
	{"curl", `curl -H 'Authorization: Token 8f14e45f' -H "xi-api-key: abc" https://h/`, `curl -H 'Authorization: [REDACTED]' -H "xi-api-key: [REDACTED]" https://h/`},
	{"curl's user", "curl -u ada:hunter2 https://h/", "curl -u [REDACTED] https://h/"},
	{"scheme alone", "sent Token 8f14e45fceea167a5a36dedd4bea2543deadbeef", "sent Token [REDACTED:token]"},
	// JSON.
	{"object", `{"password":{"value":"x"},"n":1}`, `{"password":"[REDACTED]","n":1}`},
	{"array", `{"passwords":["a","b"],"n":1}`, `{"passwords":"[REDACTED]","n":1}`},
	{"number", `{"otp":123456,"n":1}`, `{"otp":"[REDACTED]","n":1}`},
	{"JSON in JSON", `{"a":"{\"password\":\"x y\",\"n\":1}"}`, `{"a":"{\"password\":\"[REDACTED]\",\"n\":1}"}`},
	{"JSON in JSON in JSON", `{"a":"{\"b\":\"{\\\"password\\\":\\\"x y\\\",\\\"n\\\":1}\"}"}`, `{"a":"{\"b\":\"{\\\"password\\\":\\\"[REDACTED]\\\",\\\"n\\\":1}\"}"}`},
	{"number in JSON in JSON", `{"a":"{\"otp\": 123456}"}`, `{"a":"{\"otp\": \"[REDACTED]\"}"}`},
	{"card as a number", `{"n":4111111111111111,"m":1}`, `{"n":"[REDACTED:card]","m":1}`},
	{"list in JSON in JSON", `{"a":"{\"passwords\":[\"x\"]}"}`, `{"a":"{\"passwords\":\"[REDACTED]\"}"}`},
	{"JSON with escapes", `{"u":"https://h/?a=b\u0026token=abc\u0026n=1"}`, `{"u":"https://h/?a=b\u0026token=[REDACTED]\u0026n=1"}`},
	{"name and value", `{"name":"DB_PASSWORD","value":"x"}`, `{"name":"DB_PASSWORD","value":"[REDACTED]"}`},
	// URLs and forms.
	{"encoded", "password%3Dhunter2%26user%3Dada", "password%3D[REDACTED]%26user%3Dada"},
	{"encoded twice", "password%253Dhunter2%2526user%253Dada", "password%253D[REDACTED]%2526user%253Dada"},
	// Other notations.
	{"newline", "password\n= x", "password\n= [REDACTED]"},
	{"flag", "agent --password x --port 80", "agent --password [REDACTED] --port 80"},
	{"flag with =", "agent --password=x --port 80", "agent --password=[REDACTED] --port 80"},
	{"flags as a list", "[agent --api-key x1 -v]", "[agent --api-key [REDACTED] -v]"},
	{"flags as quoted list", `["agent","--api-key","x1","-v"]`, `["agent","--api-key","[REDACTED]","-v"]`},
	{"element", "<user>ada</user><password>x y</password>", "<user>ada</user><password>[REDACTED]</password>"},
	{"element with name", `<property name="db.password">x</property>`, `<property name="db.password">[REDACTED]</property>`},
	{"element escaped", "&lt;password&gt;x&lt;/password&gt;", "&lt;password&gt;[REDACTED]&lt;/password&gt;"},
	{"CDATA", "<s:password><![CDATA[x]]></s:password>", "<s:password>[REDACTED]</s:password>"},
	{"attribute", `<add key="ApiKey" value="x"/>`, `<add key="ApiKey" value="[REDACTED]"/>`},
	{"arrow", "password => x", "password => [REDACTED]"},
	{"symbol", `{:password=>"x", :n=>1}`, `{:password=>"[REDACTED]", :n=>1}`},
	{"PHP", `['password' => 'x', 'n' => 1]`, `['password' => '[REDACTED]', 'n' => 1]`},
	{"YAML", "user: ada\npassword:\n  x\nn: 1", "user: ada\npassword:\n  [REDACTED]\nn: 1"},
	{"YAML block", "password: |\n  x\n  y\nn: 1", "password: |\n  [REDACTED]\nn: 1"},
	{"YAML list", "passwords:\n- x\n- y\nn: 1", "passwords:\n[REDACTED]\nn: 1"},
	{"words", "passphrase = open sesame", "passphrase = [REDACTED]"},
	{"words of a sentence", "passphrase = the quick brown fox", "passphrase = [REDACTED]"},
	{"words of a sentence in YAML", "passphrase: is this the real life", "passphrase: [REDACTED]"},
	{"a word that programs say", "wifi password: open door after nine", "wifi password: [REDACTED]"},
	{"the name of a type", "password: any port in a storm", "password: [REDACTED]"},
	{"the name of a type, assigned", "password=string", "password=[REDACTED]"},
	{"the beginning of a call", "DB_PASS=os.7hunter", "DB_PASS=[REDACTED]"},
	{"the beginning of a variable", "password=${7hunter", "password=[REDACTED]"},
	{"the beginning of a template", `{"password":"{{7hunter"}`, `{"password":"[REDACTED]"}`},
	{"words before a name", "passphrase: correct horse battery, user: ada", "passphrase: [REDACTED], user: ada"},
	{"struct", "{Passphrase:open sesame Name:ada}", "{Passphrase:[REDACTED] Name:ada}"},
	{"struct in Go", `main.C{Password:"x y", Name:"ada"}`, `main.C{Password:"[REDACTED]", Name:"ada"}`},
	{"environment", "export DB_PASS='x y'", "export DB_PASS='[REDACTED]'"},
	{"brackets in it", "DB_PASS=a,b)c;d", "DB_PASS=[REDACTED]"},
	{"SQL", "ALTER USER ada WITH PASSWORD 'x y'", "ALTER USER ada WITH PASSWORD '[REDACTED]'"},
	{"SQL of MySQL", "CREATE USER ada IDENTIFIED BY 'x y'", "CREATE USER ada IDENTIFIED BY '[REDACTED]'"},
	{"part of a form", "name=\"password\"\r\n\r\nhunter2\r\n--b", "name=\"password\"\r\n\r\n[REDACTED]\r\n--b"},
	{"wide colon", "密码 password：hunter2", "密码 password：[REDACTED]"},
	// Data sources.
	{"MySQL in Go", "ada:hunter2@tcp(db:3306)/calls", "[REDACTED]@tcp(db:3306)/calls"},
	{"MySQL in a variable", "DSN=ada:hun@ter2@tcp(db:3306)/calls", "DSN=[REDACTED]@tcp(db:3306)/calls"},
	{"Azure", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc/d==;EndpointSuffix=core", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=[REDACTED];EndpointSuffix=core"},
	{"SQLite", "file:x.db?_auth&_auth_user=ada&_auth_pass=hunter2", "file:x.db?_auth&_auth_user=ada&_auth_pass=[REDACTED]"},
	{"password with slash", "postgres://ada:p/a@h/db", "postgres://[REDACTED]@h/db"},
	{"password with @ and slash", "sqlserver://sa:P@ss/word@db:1433?database=calls", "sqlserver://[REDACTED]@db:1433?database=calls"},
	{"libpq", "host=h user=ada password=hunter2 dbname=x", "host=h user=ada password=[REDACTED] dbname=x"},
	{"SQL Server", "Server=h;User Id=ada;Password=hunter2;Encrypt=true", "Server=h;User Id=ada;Password=[REDACTED];Encrypt=true"},
	// Services.
	{"SendGrid", "key 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", "key [REDACTED:api_key]"},
	{"Google", "ya29.a0AfH6SMBx-0123456789_abcdefg.", "[REDACTED:api_key]."},
	{"Slack", "POST https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "POST https://[REDACTED:api_key]"},
	{"Telegram", "https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/getMe", "https://api.telegram.org/[REDACTED:api_key]/getMe"},
	{"Twilio", "AC0123456789abcdef0123456789abcdef:fedcba9876543210fedcba9876543210", "[REDACTED:api_key]"},
	{"LiveKit", "keys:\n  APIabcdef123456: secretsecretsecretsecret1234", "keys:\n  APIabcdef123456: [REDACTED]"},
	// Phone numbers.
	{"path", "/callers/+14155550123/calls", "/callers/[REDACTED:phone]/calls"},
	{"encoded in a path", "/callers/%2B14155550123/calls", "/callers/[REDACTED:phone]/calls"},
	{"SIP", "sip_+14155550123", "sip_[REDACTED:phone]"},
	{"room", "call-_+14155550123_ab12", "call-_[REDACTED:phone]_ab12"},
	{"quote", `"+14155550123"`, `"[REDACTED:phone]"`},
	{"other script", "電話+14155550123まで", "電話[REDACTED:phone]まで"},
	{"Germany", "Handy 0151 12345678.", "Handy [REDACTED:phone]."},
	{"United Kingdom", "07700 900123", "[REDACTED:phone]"},
	{"London", "020 7946 0958", "[REDACTED:phone]"},
	{"France", "06 12 34 56 78", "[REDACTED:phone]"},
	{"America", "(415)5552671", "[REDACTED:phone]"},
	{"international prefix", "0049 30 901820", "[REDACTED:phone]"},
	{"trunk", "+49 (0)30 901820", "[REDACTED:phone]"},
	// Cards.
	{"with code", "4111111111111111 123", "[REDACTED:card]"},
	{"with dots", "4111.1111.1111.1111", "[REDACTED:card]"},
	{"in a path", "/cards/4111111111111111/charge", "/cards/[REDACTED:card]/charge"},
	{"with expiry", "4111 1111 1111 1111 12/27 123, please", "[REDACTED:card], please"},
}

func TestNotations(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, tt := range notations {
		if got := r.String(tt.in); got != tt.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// Texts that resemble secrets.
var lookalikes = []string{
	"latencies 120 340 1500 ms", "sizes 512 256 1024", "order 123-456-7890", "offset +12345678", "ssrc=4222222222222", "img@2x.png",
	"model@1.2.3", "git@github.com:x", "xai-grok-2-vision-1212", "sk-learn-extra-1-0-0-2024", "first token: after 200 ms",
	"invalid token: unexpected end", "auth: ok", "phone: ringing", "pwd: /app", "has_password=true", "password: required", "password: too short", "password: string", "password=${DB_PASS}", "password={{ .Values.password }}", "password=os.Getenv(\"DB_PASS\")", "password: ${{ secrets.DB_PASS }}", "password = var.db_password",
	"first token: 312ms", "time_to_first_token: 0.312", "tokens: 4096", "1.2.3+20241101", "https://h/@ada", "https://h:8080/@ada", "max_tokens: 4096", "token: 12", "secret: not found", "cookie: accepted",
}

func TestLookalikesStay(t *testing.T) {
	r := redact.New(redact.Default()...)
	for _, text := range lookalikes {
		if got := r.String(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
