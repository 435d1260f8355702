// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

// Kind is a set of searches.
type Kind uint8

// The searches.
const (
	Pairs   Kind = 1 << iota // Values after the names of secrets.
	Bearer                   // Tokens after an Authorization scheme.
	APIKeys                  // API keys by their prefix, private keys, passwords in URLs.
	Emails
	Phones
	Cards
	sentences // Values after the names of secrets in sentences.
)
