// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

// Kind is a set of searches.
type Kind uint8

// The searches.
const (
	Pairs   Kind = 1 << iota // Values behind the names of secrets.
	Bearer                   // What follows the schemes of Authorization.
	APIKeys                  // Keys that say themselves that they are some, private keys, URLs with a password.
	Emails
	Phones
	Cards
	sentences // Values that a sentence tells.
)
