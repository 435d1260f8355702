// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

// Not yet.
//
// Texts in which nothing is secret, and which change.
var failingInnocents = []textGroup{
	{"urls and paths of innocents", []string{
		"/?code=404",
	}},
	{"error chains", []string{
		"turn 3: invalid password: EOF",
		"login: wrong password: try again",
		"fetch secret: rpc error: code = NotFound desc = not found",
		`refresh access token: Post "https://idp.example.com/token": EOF`,
		"read secret: open /run/secrets/db: no such file or directory",
		"decode password: illegal base64 data at input byte 4",
		"hash password: bcrypt: password length exceeds 72 bytes",
		"verify password: crypto/bcrypt: hashedPassword is not the hash of the given password",
		"authorization: context deadline exceeded",
		"set cookie: value too long",
		"send email: 421 try again later",
		"token: EOF",
		"openai: You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
	}},
	{"empty values and what follows", []string{
		`{"m":"password="}`,
		`{"m":"password: "}`,
		`{"m":"Enter password:"}`,
		`{"m":"Enter password: "}`,
		`{"m":"password=\"\""}`,
		`{"m":"password: \"\""}`,
		`{"msg":"Password:","n":3}`,
		`{"msg":"token=","n":3}`,
		"password= user=ada",
		"{Password: User:ada}",
		"{User:ada Password: Port:80}",
		"&{Token: Expiry:0001-01-01 00:00:00 +0000 UTC}",
		"map[password: user:ada]",
		"DB_PASSWORD= PORT=80",
		`switch key { case "password": return true }`,
		`level=INFO msg="Enter password:" n=3`,
		"level=INFO msg=login password= user=ada",
		"password: ~\nuser: ada",
		"password=\nuser=ada",
		"DB_PASSWORD=\nPORT=80",
		"-token= -port=80",
	}},
	{"numbers in brackets", []string{
		"(0.123456789)",
		"(0.123456789, 0.987654321)",
		"(0 160 320 480 640)",
		"(0/12345678)",
		"(0.12.345.6789)",
		"[0160 0320 0480 0640]",
		"[0100 0200 0300 0400]",
		"0100 0200 0300 0400",
		"0000 0010 0020 0030",
		"01 23 45 67 89 ab cd ef",
		"02 04 08 16 32 64",
		"00 11 22 33 44 55",
	}},
	{"metrics, kubernetes, tools", []string{
		"api_key: str = Field(...)",
	}},
	{"diffs and flags", []string{
		"-token limit exceeded: 8192 > 4096",
		"-token refresh failed: context deadline exceeded",
		"-password policy requires 12 characters",
		"-password manager detected",
		"-secret rotation is off",
		"-auth method: password",
		`-authorization policy "default" applied`,
		"-pin 7 is high",
		"-cookie banner accepted",
		"-\tpassword := flag.String(\"password\", \"\", \"the password\")",
	}},
	{"colored innocents", []string{
		"\x1b[1;32m\x1b[0m 200 512 1024 2048",
	}},
}
