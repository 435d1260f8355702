// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package redact removes secrets and personal data from logs, spans and metrics before they are exported:
// passwords, tokens, keys, e-mail addresses, phone and card numbers.
//
// Stability: stable from v1.0.
//
// A [Redactor] decides by the keys of attributes and by the form of values. It runs once, in front of the
// exporters:
//
//	r := redact.New(append(redact.Default(), redact.Keys("patient_id"))...)
//	r.String("ask ada@example.com") // ask [REDACTED:email]
//
// Keys, and the names of scopes, spans, events and metrics are redacted like values. Two keys that become equal
// are numbered: [REDACTED:email], [REDACTED:email]_2.
//
// Redaction is a second line of defence. Data that is not recorded needs no redaction, and no rule finds a name
// in a sentence.
//
// # What is found
//
// By the rules of [Default], with the result:
//
//	a value behind its name               password=hunter2 → password=[REDACTED]
//	a value of several words              passphrase = open sesame now → passphrase = [REDACTED]
//	a header                              Authorization: Bearer 8f14e45fceea167a → Authorization: [REDACTED]
//	a printed header                      map[Authorization:[Token 8f14e45f]] → map[Authorization:[REDACTED]]
//	all cookies                           Cookie: theme=dark; session=8f14e45f → Cookie: [REDACTED]
//	JSON, at any depth                    {"args":"{\"pin\":\"4711\"}"} → {"args":"{\"pin\":\"[REDACTED]\"}"}
//	XML                                   <password>hunter2</password> → <password>[REDACTED]</password>
//	a flag                                agent --password hunter2 -v → agent --password [REDACTED] -v
//	a word with digits in a sentence      my password is hunter2 → my password is [REDACTED]
//	percent-encoded text                  password%3Dhunter2 → password%3D[REDACTED]
//	vendors' keys, by their headers       xi-api-key: 8f14e45fceea167a → xi-api-key: [REDACTED]
//	vendors' keys, by their form          key sk-proj-0123456789abcdefghij → key [REDACTED:api_key]
//	JSON web tokens                       eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3 → [REDACTED:token]
//	private keys                          -----BEGIN PRIVATE KEY----- MIIB -----END PRIVATE KEY----- → [REDACTED:private_key]
//	user and password in a URL            https://ada:hunter2@example.com/x → https://[REDACTED]@example.com/x
//	data source names                     ada:hunter2@tcp(db:3306)/calls → [REDACTED]@tcp(db:3306)/calls
//	e-mail addresses                      ask ada@example.com → ask [REDACTED:email]
//	SIP addresses                         sip:ada@pbx.example.com → sip:[REDACTED:email]
//	numbers with a plus, anywhere         /callers/+14155550123/calls → /callers/[REDACTED:phone]/calls
//	names of SIP participants             sip_+14155550123 → sip_[REDACTED:phone]
//	numbers of Germany                    ruf 0151 12345678 an → ruf [REDACTED:phone] an
//	numbers of Great Britain              call 020 7946 0958 → call [REDACTED:phone]
//	numbers of France                     le 06 12 34 56 78 → le [REDACTED:phone]
//	numbers of the USA and Canada         call (415) 555-2671 → call [REDACTED:phone]
//	most others that begin with 0         call 070-123 45 67 → call [REDACTED:phone]
//	cards, by issuer, length and check    4111 1111 1111 1111 → [REDACTED:card]
//	a card with its CVC                   4111111111111111 123 → [REDACTED:card]
//
// The national numbers of these countries are found as they are written there: with spaces, dashes, dots,
// slashes and parentheses.
//
// # What is not found
//
// These stay. Use [Keys], [Values], [Pattern] and [Func] for those that matter.
//
//	a secret without a name or a form     hunter2
//	a password of words in a sentence     my password is open sesame
//	a key of hex digits without its name  8f14e45fceea167a5a36dedd4bea2543
//	text in other encodings               cGFzc3dvcmQ9aHVudGVyMg==
//	numbers without 0 and plus: Brazil    11 91234-5678
//	numbers without 0 and plus: India     98765 43210
//	numbers without 0 and plus: Italy     347 123 4567
//	numbers without 0 and plus: Spain     612 345 678
//	numbers of digits alone               4155552671
//	short flags                           redis-cli -a hunter2 ping
//	arguments of a call                   login("ada", "hunter2")
//	columns of SQL                        INSERT INTO users VALUES ('ada', 'hunter2')
//	values under the header of a table    ada,hunter2
//	dictated numbers                      four one five five five five two six
//	dictated addresses                    ada at example dot com
//	names                                 Ada Lovelace called
//	postal addresses                      221B Baker Street, London
//	dates of birth                        born on 10 December 1815
//	IP addresses                          203.0.113.7
//	account numbers without their names   DE89370400440532013000
//	the last digits of a card             card ending in 4242
//	user ids, without HashUserIDs         user.id=user_123
package redact
