// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package forms finds secrets by their form: API keys, tokens, private keys, passwords in URLs, e-mail
// addresses, phone numbers and card numbers.
package forms
