// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

// Not yet.
//
// Texts in which nothing is secret, and which change.
var failingInnocents = []textGroup{
	{"prose with secret words", []string{
		"password: (empty)",
		`secret "db-creds" not found`,
		`secrets "db-creds" is forbidden: User "ada" cannot get resource "secrets"`,
		`MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found`,
		"cookies=3",
		"cvv: match",
		"Passwort: falsch",
	}},
	{"numbers", []string{
		"020 040 060 080",
		"m=+3600.123456789",
		"01 02 03 04 05 06",
	}},
	{"identifiers", []string{
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-db-AbCdEf",
	}},
	{"model names and versions", []string{
		"Authorization: Bearer <token>",
		"Authorization: Bearer $TOKEN",
		"Authorization: Bearer ${TOKEN}",
		"Authorization: Bearer {token}",
		`-H "Authorization: Bearer $DEEPGRAM_API_KEY"`,
		"password=${DB_PASSWORD}",
		"password: ${DB_PASSWORD}",
		"password={{ .Values.password }}",
		"password: {{ vault.password }}",
		`api_key=os.environ["API_KEY"]`,
		`api_key=os.getenv("API_KEY")`,
		"apiKey: process.env.OPENAI_API_KEY",
		`token := os.Getenv("TOKEN")`,
		"--token string   token to use",
		"  --password string   Password for the user",
		"  -p, --password string   password",
		"Usage: app [--token TOKEN] [--port PORT]",
	}},
	{"addresses and requests", []string{
		"map[Content-Type:[application/json] X-Ratelimit-Remaining-Tokens:[149984]]",
		`"claims":["email","phone_number"]`,
		`"required":["email","password"]`,
	}},
	{"metrics, kubernetes, tools", []string{
		`Warning  FailedMount  2m (x12 over 30m)  kubelet  MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found`,
		"      DB_PASSWORD:  <set to the key 'password' in secret 'db-creds'>  Optional: false",
		"  password:  12 bytes",
		"token:      1234 bytes",
		`var ErrToken = errors.New("bad token")`,
		`token := r.URL.Query().Get("token")`,
		"self.password = password",
		"def login(user: str, password: str) -> Token:",
		"token: str",
		"password: string",
		"password: String",
		"password: Optional[str] = None",
		"api_key: str = Field(...)",
		`"password": {"type": "string", "minLength": 12}`,
		`{"type":"object","properties":{"password":{"type":"string"}}}`,
		"password: {type: string}",
		"message Login { string user = 1; string password = 2; }",
		"string password = 2;",
		"2026-01-02 03:04:05.678 | INFO     | app.auth:login:42 - token refreshed",
	}},
}
